#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK; installs what else is missing. Works from any folder and asks nothing.
# The last line is "N passed, N failed, N skipped". Exit code 0 only if tests ran and none failed; with CI=true, a skipped test fails too.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1   # no build server stays behind with this script's output open

configuration=Release
results=artifacts/test-results
passed=0 failed=0 skipped=0 broken=0 failures=

say() { printf '\n== %s\n' "$*"; }

# ---- tools ----

# Pairs of a command and the Debian package that has it. Tests against a real server add theirs here.
tools=()

install_missing_tools() {
    local pair missing=()
    for pair in "${tools[@]}"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    [ "${#missing[@]}" -eq 0 ] && return

    say "Installing ${missing[*]}"
    local root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo -n)
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# ---- tests ----

# An attribute of the <Counters> element of a .trx file.
counter() { grep -o '<Counters [^>]*' "$2" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]\+'; }

# The failed tests of a .trx file with what each said, so that the end of a long log tells what went wrong.
failures_of() {
    awk '/<UnitTestResult .*outcome="Failed"/ { name = $0; sub(/.* testName="/, "", name); sub(/" computerName=.*/, "", name); print "  " name; inside = 1 }
        inside && /<Message>/ { message = 1; sub(/.*<Message>/, "") }
        message { text = $0; sub(/<\/Message>.*/, "", text); print "      " text }
        /<\/Message>/ { message = 0 }
        inside && /:line [0-9]+/ { text = $0; sub(/^.* in /, "in ", text); sub(/<\/StackTrace>.*/, "", text); print "      " text }
        /<\/UnitTestResult>/ { inside = 0 }' "$1" | sed -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g' | cut -c1-400
}

run_tests_of() {
    local project=$1 trx total ran ok
    trx="$results/$(basename "$project" .csproj).trx"
    say "Testing $project"
    # A test that hangs is ended by itself after five minutes; whatever else hangs ends the run, and what was running then is named.
    dotnet test "$project" --configuration "$configuration" --no-build \
        --blame-hang-timeout 15m --blame-hang-dump-type none \
        --results-directory "$results" --logger "trx;LogFileName=$(basename "$trx")" --logger "console;verbosity=normal" </dev/null || broken=1

    if [ ! -s "$trx" ]; then
        echo "$project left no results: its run broke off."
        broken=1
        return
    fi

    total=$(counter total "$trx") ran=$(counter executed "$trx") ok=$(counter passed "$trx")
    failures+=$(failures_of "$trx")
    passed=$((passed + ok)) failed=$((failed + ran - ok)) skipped=$((skipped + total - ran))
}

# ---- all of it ----

command -v dotnet >/dev/null || { echo "The .NET SDK is missing: there is no 'dotnet' on the PATH."; exit 1; }
install_missing_tools
scripts/install-test-servers.sh || say "Servers for tests could not be installed: their tests are skipped, or fail with CI=true."

say "Building"
rm -rf "$results"
if dotnet build Dramatiq.Akka.sln --configuration "$configuration"; then
    while read -r project; do
        run_tests_of "$project"
    done < <(find . -name '*.csproj' -not -path '*/bin/*' -not -path '*/obj/*' -exec grep -l 'Microsoft.NET.Test.Sdk' {} + | LC_ALL=C sort)
else
    say "The build failed."
    broken=1
fi

status=0
if [ "$broken" -ne 0 ] || [ "$failed" -ne 0 ]; then
    status=1
fi
if [ $((passed + failed)) -eq 0 ]; then
    say "No test ran."
    status=1
fi
if [ "$skipped" -ne 0 ] && [[ "${CI:-}" =~ ^(true|1)$ ]]; then
    say "Skipped tests count as failed here, since CI is set."
    status=1
fi

[ -z "$failures" ] || say "Failed:"$'\n'"$failures"
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
exit "$status"
