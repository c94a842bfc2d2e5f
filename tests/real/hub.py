"""One step of tests/real/hub_test.ts with the Python package huggingface_hub; settings come from the environment.

    python hub.py download REPO TYPE [FILE...]   fetches files (by default all) into the cache, prints their paths as JSON
    python hub.py find REPO TYPE FILE...  finds files in the cache, without network
    python hub.py scan                    what the package makes of the whole cache
"""

import json
import sys

from huggingface_hub import __version__, hf_hub_download, scan_cache_dir, snapshot_download


def main() -> None:
    step, *rest = sys.argv[1:]
    if step == "version":
        print(json.dumps(__version__))
    elif step == "download":
        repo, repo_type, *files = rest
        if not files:
            print(json.dumps(snapshot_download(repo, repo_type=repo_type)))
        else:
            print(json.dumps([hf_hub_download(repo, file, repo_type=repo_type) for file in files]))
    elif step == "find":
        repo, repo_type, *files = rest
        print(json.dumps([hf_hub_download(repo, file, repo_type=repo_type, local_files_only=True) for file in files]))
    elif step == "scan":
        info = scan_cache_dir()
        print(
            json.dumps(
                {
                    "warnings": [str(warning) for warning in info.warnings],
                    "repos": sorted(
                        [
                            repo.repo_type,
                            repo.repo_id,
                            sorted(revision.commit_hash for revision in repo.revisions),
                            sorted(repo.refs),
                            repo.nb_files,
                        ]
                        for repo in info.repos
                    ),
                }
            )
        )
    else:
        raise SystemExit(__doc__)


main()
