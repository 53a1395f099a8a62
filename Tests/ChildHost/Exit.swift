import Glibc

func exitWithNine() -> Never { exit(9) }

/// The most that it has had in memory so far, in pages of 4 KiB.
func ownPages() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 4
}
