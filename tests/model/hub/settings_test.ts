import assert from "node:assert/strict";
import { join } from "node:path";
import { UsageError } from "../../../engine/mod.ts";
import { hubSettings, HubToken } from "../../../model/hub/mod.ts";
import { inTemporaryDirectory } from "../../support/temporary.ts";

const settings = (variables: Record<string, string>) => hubSettings((name) => variables[name]);

Deno.test("settings are read as huggingface_hub reads them", async () => {
  await inTemporaryDirectory(async (home) => {
    const plain = await settings({ HOME: home });
    assert.equal(plain.endpoint, "https://huggingface.co");
    assert.equal(plain.cache, join(home, ".cache/huggingface/hub"));
    assert.equal(plain.token, undefined);
    assert.equal(plain.offline, false);
    const cache = async (variables: Record<string, string>) =>
      (await settings({ HOME: home, ...variables })).cache;
    assert.equal(await cache({ XDG_CACHE_HOME: "/x" }), "/x/huggingface/hub");
    assert.equal(await cache({ XDG_CACHE_HOME: "/x", HF_HOME: "~/hf" }), join(home, "hf/hub"));
    assert.equal(await cache({ HF_HOME: "/x", HF_HUB_CACHE: "$HOME/c" }), join(home, "c"));
    assert.equal(
      (await settings({ HOME: home, HF_ENDPOINT: "http://127.0.0.1:9/" })).endpoint,
      "http://127.0.0.1:9",
    );
    for (
      const [text, offline] of [["1", true], ["YES", true], ["true", true], ["0", false], [
        "",
        false,
      ]] as const
    ) {
      assert.equal((await settings({ HOME: home, HF_HUB_OFFLINE: text })).offline, offline, text);
    }
  });
});

Deno.test("the token: HF_TOKEN, else the file of `hf auth login`", async () => {
  await inTemporaryDirectory(async (home) => {
    await Deno.writeTextFile(join(home, "token"), "hf_file\n");
    const token = async (variables: Record<string, string>) =>
      (await settings({ HOME: home, HF_HOME: home, ...variables })).token?.authorization();
    assert.equal(await token({}), "Bearer hf_file");
    assert.equal(await token({ HF_TOKEN: " hf_variable\n" }), "Bearer hf_variable");
    assert.equal(await token({ HF_TOKEN: "" }), "Bearer hf_file");
    await Deno.writeTextFile(join(home, "other"), "hf_other");
    assert.equal(await token({ HF_TOKEN_PATH: join(home, "other") }), "Bearer hf_other");
  });
});

Deno.test("a token is not printed by mistake, nor in the error about it", async () => {
  const token = HubToken.from("hf_secret", "HF_TOKEN");
  const shown = [
    `${token}`,
    JSON.stringify({ token }),
    Deno.inspect({ token }, { depth: 9, showHidden: true }),
  ];
  assert.ok(!shown.join().includes("hf_secret"), shown.join());
  const error = await settings({ HOME: "/h", HF_TOKEN: "hf_secret\nsecond" }).catch((error) => error);
  assert.ok(error instanceof UsageError);
  assert.equal(
    error.message,
    "Cannot use the token of HF_TOKEN as it has spaces or characters that no token has; copy it again, one line alone",
  );
});

Deno.test("an endpoint that is no address of a hub is refused and not repeated", async () => {
  for (const endpoint of ["huggingface.co", "ftp://huggingface.co", "https://user:secret@huggingface.co"]) {
    const error = await settings({ HOME: "/h", HF_ENDPOINT: endpoint }).catch((error) => error);
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /^Cannot use HF_ENDPOINT as it is no address of a hub; give one without user/,
    );
    assert.ok(!error.message.includes("secret"));
  }
  const error = await settings({}).catch((error) => error);
  assert.match(error.message, /^Cannot find the hub's cache as HOME is not set/);
});
