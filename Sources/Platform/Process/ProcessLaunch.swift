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
    /// 0 to 19, more is humbler; never less than the host's own.
    package var nice: Int32?
    /// Where it may run; `nil`: where the host may.
    package var cpus: CPUSet?
    /// Bytes that it may have in memory, with all that it starts; beyond it is killed.
    package var memory: Int64?
    /// How much of its output is handed on; `nil`: all.
    package var pace: OutputPace.Limits?
    /// A file that names it while it runs, for ``Leftovers``.
    package var record: String?

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
    package enum Stream: Hashable, Sendable {
        case output, error
        /// Not the program's: how much of what it wrote was left out.
        case host
    }
    package let stream: Stream
    /// Bytes that are no UTF-8 are replaced. Of at most ``longest`` bytes; the rest of the line is
    /// left out.
    package let text: String
    /// Bytes of the line that were left out.
    package let beyond: Int
    package static let longest = 16 * 1024

    package init(stream: Stream, text: String, beyond: Int = 0) {
        self.stream = stream
        self.text = text
        self.beyond = beyond
    }

    package var isCut: Bool { beyond > 0 }

    /// For people: with a mark where it was cut, and what is not the program's in brackets.
    package var shown: String {
        switch stream {
        case .host: "(\(text))"
        case .output, .error: isCut ? "\(text)… (\(grouped(Int64(beyond))) bytes more)" : text
        }
    }
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
