#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Names programs that scripts call and that no listed Debian package brings.

    programs.py LIST... -- SCRIPT...

Prints "SCRIPT: PROGRAM (PACKAGE)" for each word of a script that stands where a command can, is a
program on this machine, and is of a package that is neither in a LIST, nor needed by one that is, nor
part of every Debian system. Python modules that scripts import are judged in the same way. So it
finds what a developer's machine has and a new one would not; what neither has, the tests find.
"""
import glob
import os
import re
import subprocess
import sys

# What is no command: comments, here documents, strings without commands in them.
HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1(.*)\n(?:.*\n)*?\s*\2\n")
TEXT = re.compile(r"""'[^']*'|"[^"$`]*"|(?<![\w$\\])\#.*""")
# Where a command can stand: where one begins, and behind a word or a function that calls another.
BEGIN = r"(?:^[\t@-]*|[|&;(`!{]|\b(?:then|do|else|elif|if|while|until|exec|time|env|xargs|command -v|timeout \d+)\b)"
CALLER = r"|\b(?:run|do_it|[\w-]*(?:check_ok|check_refused|refused))(?:\s+(?:X|\d+|\$\w+))*"
WORD = re.compile(rf"(?:{BEGIN}{CALLER})\s*(?:\w+=\S*\s+)*((?:/usr/s?bin/)?[a-z][\w.+-]*)(?=[\s;|&)<>]|$)", re.M)
LIST = re.compile(r"\[\s*[\"']([\w./+-]+)[\"']\s*,")  # subprocess.run(["openssl", ...
FUNCTION = re.compile(r"^\s*([a-z][\w.+-]*)\(\)", re.M)  # a script's own, whatever else has its name
ARCHIVE = re.compile(r"\btar -xf\b")  # of any compression, by a program of its own
IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.M)


def query(*args):
    return subprocess.run(["dpkg-query", *args], capture_output=True, text=True).stdout


def closure(wanted):
    """These packages and what they depend on, of those that are installed."""
    depends, basis = {}, set()
    form = "${Package}\t${Provides}\t${Priority}\t${Pre-Depends}, ${Depends}\n"
    for line in query("-W", "-f", form).splitlines():
        package, provides, priority, text = line.split("\t")
        names = re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9.+-]+)", text)
        for name in [package, *re.findall(r"(?:^|,)\s*([a-z0-9][a-z0-9.+-]+)", provides)]:
            depends.setdefault(name, set()).update([package, *names])
        if priority == "required":
            basis.add(package)
    found, todo = set(), [*wanted, *basis, "apt"]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += depends.get(name, ())
    return found


def owners():
    """Which package each file on the search path, and each Python module, is of."""
    found = {}
    for name in glob.glob("/var/lib/dpkg/info/*.list"):
        package = os.path.basename(name)[:-len(".list")].split(":")[0]
        with open(name, encoding="utf-8") as f:
            for path in f.read().splitlines():
                if re.match(r"(/usr)?/s?bin/|/usr/lib/python3/dist-packages/[^/]+$", path):
                    found[re.sub("^/usr", "", path)] = package
    return found


def program(word):
    if word.startswith("/"):
        return word if os.access(word, os.X_OK) and not os.path.isdir(word) else None
    if "/" in word:
        return None
    for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        if os.access(f"{folder}/{word}", os.X_OK):
            return f"{folder}/{word}"
    return None


def calls(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    words = set(LIST.findall(text))
    if ARCHIVE.search(text):
        words |= {"bzip2", "xz"}
    if not path.endswith(".py"):
        builtins = subprocess.run(["bash", "-c", "compgen -bk"], capture_output=True, text=True)
        words |= set(WORD.findall(TEXT.sub("X", HERE.sub(r"\3\n", text))))
        words -= {*builtins.stdout.split(), *FUNCTION.findall(text)}
    for word in words:
        yield word, program(word)
    for module in set(IMPORT.findall(text)):
        folder = f"/usr/lib/python3/dist-packages/{module}"
        yield f"python module {module}", next(filter(os.path.exists, (folder, folder + ".py")), None)


def main(args):
    split = args.index("--")
    wanted = []
    for name in args[:split]:
        with open(name, encoding="utf-8") as f:
            wanted += re.sub("#.*", "", f.read()).split()
    allowed, packages = closure(wanted), owners()
    for script in args[split + 1:]:
        for word, path in sorted(calls(script)):
            # a link, such as c++, may be of a package or made by update-alternatives
            package = path and (packages.get(re.sub("^/usr", "", path)) or
                                packages.get(re.sub("^/usr", "", os.path.realpath(path))))
            if package is not None and package not in allowed:
                print(f"{script}: {word} ({package})")


if __name__ == "__main__":
    main(sys.argv[1:])
