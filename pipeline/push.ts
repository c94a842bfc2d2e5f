/** A run's student and card on the hub. */
import { join } from "node:path";
import { DataError, UsageError } from "../engine/mod.ts";
import { isDirectory, isFile } from "../model/files/mod.ts";
import {
  createRepository,
  holdsContent,
  HubError,
  type HubFile,
  type HubSettings,
  listFiles,
  pageUrl,
  parseRepo,
  readRevision,
  type Repo,
  type Upload,
  uploadFiles,
} from "../model/hub/mod.ts";
import { formatBytes } from "./format.ts";
import type { Reporter } from "./reporter.ts";
import { RUN_FILES } from "./run_files.ts";

/** One file of a push. */
export interface PushFile extends Upload {
  /** What it would do to the repository; `same` files are not sent. */
  readonly change: "new" | "replaces" | "same";
}

/** What a push would do. */
export interface PushPlan {
  /** OWNER/NAME */
  readonly repo: string;
  /** Its page. */
  readonly url: string;
  /** Whether the repository exists; else it would be created. */
  readonly exists: boolean;
  readonly private: boolean;
  /** The newest commit of the repository; null where there is none. */
  readonly commit: string | null;
  readonly files: readonly PushFile[];
  /** Bytes that would be sent. */
  readonly bytes: number;
}

/**
 * Looks at a run and at the repository; sends nothing.
 *
 * @param wanted `private`: a repository that is created is private, and one that exists has to be
 * @throws {DataError} where the run has no student or no card; {UsageError} for a name that cannot be pushed to; {HubError}
 */
export async function planPush(
  settings: HubSettings,
  run: string,
  name: string,
  wanted: { readonly private: boolean },
  signal?: AbortSignal,
): Promise<PushPlan> {
  const repo = parseRepo(name), url = pageUrl(settings.endpoint, repo);
  if (name !== repo.id || !repo.id.includes("/")) {
    throw new UsageError(`Cannot push to ${name}: a push makes a commit on main; give OWNER/NAME`);
  }
  if (settings.offline) throw new UsageError(`Cannot push to ${name}: HF_HUB_OFFLINE is set; unset it`);
  const local = await filesOfStudent(run), there = await stateOf(settings, repo, signal);
  if (there && wanted.private && !there.private) {
    throw new UsageError(
      `Cannot push to ${name} privately: it exists and is public; change that at ${url}/settings, or leave --private out`,
    );
  }
  const files = await Promise.all(local.map(async (file) => ({
    ...file,
    change: await changeOf(file, there?.files.find(({ path }) => path === file.path)),
  })));
  return {
    ...{ repo: repo.id, url, exists: there !== undefined, private: there?.private ?? wanted.private },
    ...{ commit: there?.commit ?? null, files },
    bytes: files.reduce((sum, { change, size }) => sum + (change === "same" ? 0 : size), 0),
  };
}

/** Sends what a plan says. @returns the new commit; undefined where the repository has it all @throws {HubError} */
export async function runPush(
  settings: HubSettings,
  plan: PushPlan,
  { update, note, signal }: Reporter,
): Promise<string | undefined> {
  const repo = parseRepo(plan.repo), files = plan.files.filter(({ change }) => change !== "same");
  if (!plan.exists) {
    await createRepository(settings, repo, plan.private ? "private" : "public", signal);
    note(`Created ${plan.url}`);
  }
  if (files.length === 0) return undefined;
  const commit = await uploadFiles(settings, repo, files, {
    ...{ title: "Upload with Lapidary", parent: plan.commit ?? undefined, signal },
    onProgress: (done, total) => update({ stage: `upload to ${plan.repo}`, done, total, unit: "bytes" }),
  });
  await verify(settings, { ...repo, revision: commit }, plan.files, signal);
  return commit;
}

/** A plan as text. */
export function formatPush({ url, exists, private: isPrivate, files, bytes }: PushPlan): string {
  const kind = isPrivate ? "private" : "public";
  return [
    exists ? `${url} exists and is ${kind}` : `${url} would be created, ${kind}`,
    ...files.map(({ path, size, change }) =>
      `  ${change.padEnd(8)}  ${formatBytes(size).padStart(10)}  ${path}`
    ),
    `${formatBytes(bytes)} to send`,
  ].join("\n");
}

async function filesOfStudent(run: string): Promise<Upload[]> {
  const student = join(run, RUN_FILES.student);
  const lacks = (what: string, cure: string) =>
    new DataError(`Cannot push ${run}: it has no ${what}; ${cure}`, { path: run });
  if (!await isDirectory(student)) {
    throw lacks(student, "name the directory of a run that distill has finished");
  }
  for (const name of ["config.json", "README.md"]) {
    if (await isFile(join(student, name))) continue;
    throw lacks(
      join(student, name),
      name === "README.md" ? `write it with ./lapidary card ${run}` : "run distill again",
    );
  }
  const files: Upload[] = [];
  for await (const { name, isFile } of Deno.readDir(student)) {
    if (!isFile || name.startsWith(".")) continue; // Hidden files are unfinished ones of ours, or of the system.
    const from = join(student, name);
    files.push({ path: name, from, size: (await Deno.stat(from)).size });
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** What the hub has; undefined where there is no such repository. */
async function stateOf(
  settings: HubSettings,
  repo: Repo,
  signal: AbortSignal | undefined,
): Promise<{ commit: string; private: boolean; files: HubFile[] } | undefined> {
  try {
    const { commit, private: isPrivate } = await readRevision(settings, repo, signal);
    const files = await listFiles(settings, { ...repo, revision: commit }, { signal });
    return { commit, private: isPrivate, files };
  } catch (error) {
    // A hub that knows the token says plainly that there is none.
    if (settings.token && error instanceof HubError && error.fault.missing) return undefined;
    throw error;
  }
}

async function changeOf({ from }: Upload, there: HubFile | undefined): Promise<PushFile["change"]> {
  if (!there) return "new";
  return await holdsContent(from, there) ? "same" : "replaces";
}

/** Looks at what was sent as everybody will see it. */
async function verify(
  settings: HubSettings,
  repo: Repo,
  files: readonly Upload[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const there = await listFiles(settings, repo, { signal });
  for (const file of files) {
    if (await changeOf(file, there.find(({ path }) => path === file.path)) === "same") continue;
    throw new HubError(
      `Cannot push to ${repo.id}: ${file.path} is not there as it was sent, at commit ${repo.revision}; run again`,
    );
  }
}
