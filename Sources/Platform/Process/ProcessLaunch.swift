/// What to start: a program of this machine, with exactly these arguments and this environment.
package struct ProcessLaunch: Hashable, Sendable {
    /// The program first: a name that is looked up in the environment's `PATH`, or a path with a
    /// `/` (a relative one counts from `directory`).
    package var arguments: [String]
    /// Nothing is inherited: what is not here the program does not see.
    package var environment: [String: String]
    /// `nil`: the host's own.
    package var directory: String?
    /// ns from the polite end (SIGTERM) to the other one (SIGKILL).
    package var grace: Int64

    package init(
        arguments: [String], environment: [String: String], directory: String? = nil,
        grace: Int64 = 5_000_000_000
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.grace = grace
    }

    /// The number at which the program finds its lifeline: a pipe that ends when the host does.
    package static let lifelineDescriptor = 3
}

/// A line that the program wrote, without its end.
package struct ProcessLine: Hashable, Sendable {
    package enum Stream: Hashable, Sendable { case output, error }
    package let stream: Stream
    /// Bytes that are no UTF-8 are replaced. At most ``longest`` bytes; the rest of the line is
    /// left out.
    package let text: String
    package let isCut: Bool
    package static let longest = 16 * 1024
}

/// How a program ended.
package enum ProcessExit: Hashable, Sendable, CustomStringConvertible {
    case code(Int32)
    case signal(Int32)

    package var description: String {
        switch self {
        case .code(let code): "ended with code \(code)"
        case .signal(let signal): "was ended by signal \(signal)"
        }
    }
}

/// Why a program could not be started.
package struct ProcessLaunchError: Error, Hashable, CustomStringConvertible {
    package let what: String
    package let program: String
    package let advice: String
    package init(_ what: String, program: String, advice: String = "") {
        self.what = what
        self.program = program
        self.advice = advice
    }
    package var description: String {
        "cannot start '\(program)': \(what)" + (advice.isEmpty ? "" : "\n  \(advice)")
    }
}
