# SPDX-License-Identifier: Apache-2.0
# Lines "INSTRUCTIONS WHAT", those of the bare library end in ", bare mbedTLS". Prints each of ours as
# a ratio to the bare calls that do the same work, and fails above the limit.
{
    n = $1
    sub(/^[0-9]+ /, "")
    count[$0] = n
}

function compare(what, ours, bare, limit) {
    ratio = bare > 0 ? ours / bare : 0
    bad = ratio == 0 || ratio > limit
    printf "%13d %13d %7.3f %6.2f  %s%s\n", ours, bare, ratio, limit, what, bad ? "  ABOVE" : ""
    failed += bad
}

function pair(what, limit) { compare(what, count[what], count[what ", bare mbedTLS"], limit) }
function bare(what) { return count[what ", bare mbedTLS"] }

END {
    sha = "SHA-256 of 64 KiB"
    gcm = "AES-128-GCM, 64 KiB decrypted and checked"
    ctr = "AES-128-CTR of 64 KiB"
    verify = "ECDSA P-256, one signature verified"
    ecdh = "ECDH P-256, one secret"
    print " instructions          bare   ratio  limit"
    pair(sha, 1.02)
    pair(gcm, 1.02)
    pair(ctr, 1.02)
    pair(verify, 1.05)
    pair(ecdh, 1.02)
    # 0.8 M of it clear the memory of 4 MiB, whatever the image: no call of the library does that.
    compare("boot of 256 KiB: its digest; memory cleared", count["boot"], 4 * bare(sha), 1.5)
    # A verdict (signature, key, tag, digest), the image decrypted into place, its digest there. The
    # boot stage judges twice and once more for the key, and looks at the digest again before it starts.
    once = bare(verify) + bare(ecdh) + 4 * (bare(gcm) + bare(sha)) + 4 * (bare(ctr) + bare(sha))
    compare("boot that installs 256 KiB: judged, placed, checked", count["install"], once, 3)
    exit failed > 0
}
