// The family of divergences, an element at a time: f(p, q) and h = q ∂f/∂q, from log p and log q, which stay exact where
// p and q underflow. h is written out for each KIND, never divided by q, so that a q that underflows does no harm.
// m is the mixture; its share is params.skew. Appended to pair_loss.wgsl and pair_loss_naive.wgsl.
struct Term { f: elem, h: elem }

fn term(log_p: elem, log_q: elem) -> Term {
  let p = exp(log_p);
  let q = exp(log_q);
  let a = elem(params.skew);
  let b = elem(1.0 - params.skew);
  switch KIND {
    case 1u: { return Term(p * (log_p - log_q), -p); } // forward_kl: KL(p‖q)
    case 2u: { return Term(q * (log_q - log_p), q * (log_q - log_p + elem(1.0))); } // reverse_kl: KL(q‖p)
    case 3u: { // skew_kl: KL(p‖m), m = a p + (1-a) q
      let m = a * p + b * q;
      return Term(p * (log_p - log_of(m)), -b * p * q / positive(m));
    }
    case 4u: { // skew_reverse_kl: KL(q‖m), m = (1-a) p + a q
      let m = b * p + a * q;
      let r = log_q - log_of(m);
      return Term(q * r, q * (r + elem(1.0) - a * q / positive(m)));
    }
    case 5u: { // jsd: a KL(p‖m) + (1-a) KL(q‖m), m = a p + (1-a) q
      let m = a * p + b * q;
      let log_m = log_of(m);
      return Term(a * p * (log_p - log_m) + b * q * (log_q - log_m), b * q * (log_q - log_m));
    }
    case 6u: { return Term(0.5 * abs(p - q), 0.5 * q * sign(q - p)); } // tvd: ½ Σ |p - q|
    case 7u: { return Term(q * (log_q - log(a * q + b * p + elem(1.0e-9))), q); } // legacy-v1: sg(q) and m constant
    case 8u: { // legacy-v3: KL(p‖m), m = a q + (1-a) p: the student's share a times forward_kl at best
      let m = a * q + b * p;
      return Term(p * (log(p + elem(1.0e-9)) - log(m + elem(1.0e-9))), -a * p * q / (m + elem(1.0e-9)));
    }
    default: { return Term(elem(), elem()); } // cross_entropy alone
  }
}

fn positive(m: elem) -> elem { return max(m, elem(1.0e-37)); }
fn log_of(m: elem) -> elem { return log(positive(m)); }
