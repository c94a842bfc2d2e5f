import { configToJson } from "./to_json.ts";
import type { Gemma3Config } from "./types.ts";

/** Keys that `transformers` 5 accepts only as floats: `30` is refused where `30.0` is meant. */
const FLOAT_KEYS = [
  "attention_dropout",
  "attn_logit_softcapping",
  "factor",
  "final_logit_softcapping",
  "initializer_range",
  "rms_norm_eps",
  "rope_local_base_freq",
  "rope_theta",
].join("|");

/** The text of config.json: {@linkcode configToJson} with whole floats spelled as floats, as Python reads them. */
export function configToText(config: Gemma3Config): string {
  const text = JSON.stringify(configToJson(config), null, 2);
  return text.replace(new RegExp(`("(?:${FLOAT_KEYS})": -?\\d+)(?=,?$)`, "gm"), "$1.0") + "\n";
}
