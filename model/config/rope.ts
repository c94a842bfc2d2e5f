import type { RawConfig, RopeBlock } from "./schema.ts";
import type { Gemma3Config } from "./types.ts";

type Rope = Pick<Gemma3Config, "ropeTheta" | "ropeLocalBaseFreq" | "ropeScalingFactor">;

/** The rotary settings from either spelling, or the reason why they cannot be used. */
export function readRope(raw: RawConfig): Rope | string {
  const full = raw.rope_parameters?.full_attention ?? undefined;
  const sliding = raw.rope_parameters?.sliding_attention ?? undefined;
  const blocks = {
    rope_scaling: raw.rope_scaling ?? undefined,
    "rope_parameters.full_attention": full,
    "rope_parameters.sliding_attention": sliding,
  };
  for (const [name, block] of Object.entries(blocks)) {
    const type = ropeType(block);
    const allowed = block === sliding ? ["default"] : ["default", "linear"];
    if (!allowed.includes(type)) {
      return `${name} has rope_type "${type}" and only ${
        allowed.map((t) => `"${t}"`).join(" or ")
      } is supported; ` +
        `give a model without it`;
    }
    if (type === "linear" && block?.factor === undefined) {
      return `${name} is linear without a factor; give one`;
    }
  }
  const theta = one("rope_theta", raw.rope_theta, full?.rope_theta, 1e6);
  const local = one("rope_local_base_freq", raw.rope_local_base_freq, sliding?.rope_theta, 1e4);
  const factor = one("rope_scaling.factor", factorOf(raw.rope_scaling), factorOf(full), 1);
  for (const value of [theta, local, factor]) if (typeof value === "string") return value;
  return {
    ropeTheta: theta as number,
    ropeLocalBaseFreq: local as number,
    ropeScalingFactor: factor as number,
  };
}

function ropeType(block: RopeBlock | undefined): string {
  return block?.rope_type ?? block?.type ?? "default";
}

function factorOf(block: RopeBlock | null | undefined): number | undefined {
  return block && ropeType(block) === "linear" ? block.factor : undefined;
}

/** A value that may stand in the old spelling, in the new one, or in both when they agree. */
function one(
  name: string,
  old: number | undefined,
  now: number | undefined,
  otherwise: number,
): number | string {
  if (old !== undefined && now !== undefined && old !== now) {
    return `${name} is ${old} and rope_parameters says ${now}; remove the wrong one`;
  }
  return now ?? old ?? otherwise;
}
