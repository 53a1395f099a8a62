/// How the program ends, for scripts.
package enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
    case good = 0
    /// What was asked for was refused, or was not there.
    case refused = 1
    /// The command line makes no sense.
    case usage = 2
    case configuration = 3
    case broker = 4
    case store = 5
    /// A signal, a risk limit or the kill switch ended it; a run can be gone on with.
    case stopped = 6
    /// A strategy server that is needed is not there, or breaks the contract.
    case server = 7
    /// A recording cannot be read.
    case feed = 8
}
