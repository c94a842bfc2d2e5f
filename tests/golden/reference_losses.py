"""The loss family, each written as its definition says; autograd gives the gradients.

Every function takes student and teacher logits [N, V] and returns one value per token [N], without the factor T^2.
p is the teacher's distribution at temperature T, q the student's.
"""

import torch
import torch.nn.functional as F


def log_probabilities(student, teacher, temperature):
    return F.log_softmax(teacher / temperature, -1), F.log_softmax(student / temperature, -1)


def kl(log_a, log_b):
    """KL(a || b) per token."""
    return (log_a.exp() * (log_a - log_b)).sum(-1)


def mix(log_a, weight, log_b):
    """log(weight a + (1 - weight) b)."""
    return (weight * log_a.exp() + (1 - weight) * log_b.exp()).log()


def forward_kl(p, q):
    return kl(p, q)


def reverse_kl(p, q):
    return kl(q, p)


def skew_kl(p, q, skew=0.1):
    """DistiLLM: KL(p || skew p + (1 - skew) q)."""
    return kl(p, mix(p, skew, q))


def skew_reverse_kl(p, q, skew=0.1):
    """DistiLLM: KL(q || (1 - skew) p + skew q)."""
    return kl(q, mix(q, skew, p))


def jsd(p, q, beta=0.5):
    """beta KL(p || m) + (1 - beta) KL(q || m), m = beta p + (1 - beta) q."""
    m = mix(p, beta, q)
    return beta * kl(p, m) + (1 - beta) * kl(q, m)


def tvd(p, q):
    return 0.5 * (p.exp() - q.exp()).abs().sum(-1)


def legacy_v1(p, q, skew):
    """First notebook: detached student probabilities and a detached mixture, so the gradient is zero."""
    with torch.no_grad():
        probabilities = q.exp()
        mixture = (skew * probabilities + (1 - skew) * p.exp() + 1e-9).log()
    return (probabilities * (q - mixture)).sum(-1)


def legacy_v3(p, q, skew):
    """Third notebook: KL(p || skew q + (1 - skew) p), the skew on the student."""
    mixture = skew * q.exp() + (1 - skew) * p.exp()
    return (p.exp() * ((p.exp() + 1e-9).log() - (mixture + 1e-9).log())).sum(-1)


DIVERGENCES = {
    "forward_kl": forward_kl,
    "reverse_kl": reverse_kl,
    "skew_kl": skew_kl,
    "skew_reverse_kl": skew_reverse_kl,
    "jsd": jsd,
    "tvd": tvd,
}


def summed_losses(student, teacher, ids, divergence, temperature=2.0):
    """Sums over one row's scored positions: cross-entropy at T = 1, and T^2 times the divergence at T."""
    targets = torch.tensor(ids[1:])
    cross_entropy = F.cross_entropy(student[:-1], targets, reduction="sum")
    p, q = log_probabilities(student[:-1], teacher[:-1], temperature)
    return cross_entropy, temperature**2 * divergence(p, q).sum()
