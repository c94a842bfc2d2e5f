import assert from "node:assert/strict";
import fc from "fast-check";
import { DataError, UsageError } from "../../../engine/mod.ts";
import { snapshotPath } from "../../../model/hub/cache.ts";
import { isRepoName, parseRepo, repoName, resolveUrl } from "../../../model/hub/repo.ts";

Deno.test("names of repositories, by the rules of the hub", () => {
  for (
    const name of ["google/gemma-3-270m", "a/b.c_d-e", "winogrande", "o/n@main", "o/n@refs/pr/1", "o/n@v1.0"]
  ) {
    assert.equal(repoName(parseRepo(name)).replace("@main", ""), name.replace("@main", ""));
  }
  const bad = [
    "",
    "a/b/c",
    "/a",
    "a/",
    "../a",
    "a/..",
    "a--b/c",
    "a/b.git",
    "-a/b",
    "a/b-",
    ".a/b",
    "a b/c",
    "é/b",
  ];
  for (const name of [...bad, "a/b@", "a/b@../x", "a/b@/x", "a/b@x\\y", "a/b@x y", `a/${"n".repeat(97)}`]) {
    assert.throws(() => parseRepo(name), UsageError, name);
    assert.equal(isRepoName(name), false, name);
  }
  assert.equal(isRepoName("google/gemma-3-270m@abc"), true);
  // One word may be a directory here; ./x and /x always are.
  for (const path of ["model", "./model", "/model/x", "~/x", "models/a/b"]) {
    assert.equal(isRepoName(path), false);
  }
});

Deno.test("addresses escape what is not plain", () => {
  const url = resolveUrl("https://hub", parseRepo("o/n@refs/pr/1", "dataset"), "data/a b#?.parquet");
  assert.equal(url, "https://hub/datasets/o/n/resolve/refs%2Fpr%2F1/data/a%20b%23%3F.parquet");
});

Deno.test("no file name leaves the directory of its commit", () => {
  const repo = parseRepo("o/n"), commit = "0".repeat(40);
  const bad = [
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    ".",
    "a/.",
    "..\\x",
    "C:\\x",
    "C:x",
    "a\0b",
    "a\nb",
    "",
  ];
  for (const path of bad) assert.throws(() => snapshotPath("/cache", repo, commit, path), DataError, path);
  const home = `/cache/models--o--n/snapshots/${commit}/`;
  const part = fc.oneof(fc.constantFrom("..", ".", "", "a", "\\", "/"), fc.string());
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
      const path = parts.join("/");
      try {
        const found = snapshotPath("/cache", repo, commit, path);
        assert.equal(found, home + path); // `join` would have resolved any way out of it.
      } catch (error) {
        assert.ok(error instanceof DataError);
      }
    }),
    { seed: 7, numRuns: 5000 },
  );
});
