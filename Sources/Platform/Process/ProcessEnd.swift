import Glibc

/// Why a program ended, as far as the host knows. A value; its words are for people.
package struct ProcessEnd: Hashable, Sendable {
    package var exit: ProcessExit
    /// Killed by the host for what it used: see ``MemoryWatch``.
    package var excess: MemoryExcess?
    /// The host had asked it to end.
    package var wasAsked = false
    /// The system killed some program for want of memory while this one ran.
    package var sawMemoryShortage = false
    /// The last line of a Python traceback, if one was among the last lines of its output.
    package var lastWords: String?

    package init(_ exit: ProcessExit) { self.exit = exit }
}

extension ProcessEnd: CustomStringConvertible {
    package var description: String {
        if let excess { return "was killed by the host: \(excess)" }
        switch exit {
        case .code(let code):
            let why = lastWords ?? Self.meaning(ofCode: code)
            return why.isEmpty ? "\(exit)" : "\(exit): \(why)"
        case .signal(let signal):
            let name = Self.name(of: signal)
            let why = meaning(of: signal)
            return "\(exit)" + (name.isEmpty ? "" : " (\(name))") + (why.isEmpty ? "" : ": \(why)")
        }
    }

    /// What shells and loaders mean by theirs.
    private static func meaning(ofCode code: Int32) -> String {
        switch code {
        case 126: "a command was found and cannot be run: see its mode, and its first line"
        case 127: "a command was not found"
        case 129...159:
            "a shell's word for a program that was ended by signal \(code - 128)"
                + (name(of: code - 128).isEmpty ? "" : " (\(name(of: code - 128)))")
        default: ""
        }
    }

    private func meaning(of signal: Int32) -> String {
        switch signal {
        case SIGKILL where wasAsked: "it did not end when it was asked to"
        case SIGKILL where sawMemoryShortage:
            "the machine ran out of memory meanwhile, and the system killed a program for it"
        case SIGKILL:
            "not by this host; by a person, or by the system for want of memory: see dmesg"
        case SIGTERM: wasAsked ? "the host had asked it to end" : "somebody asked it to end"
        case SIGSEGV: "crashed (segmentation fault): a native library of the server"
        case SIGBUS: "crashed (bus error): a native library of the server, or a file that shrank"
        case SIGABRT: "it gave up by itself: a native library of the server, see what it printed"
        case SIGILL: "crashed (illegal instruction): a native library made for another processor"
        case SIGFPE: "crashed (arithmetic error): a native library of the server"
        case SIGXCPU: "it used the processor time that the system allows it"
        default: ""
        }
    }

    private static let names: [(Int32, String)] = [
        (SIGHUP, "SIGHUP"), (SIGINT, "SIGINT"), (SIGQUIT, "SIGQUIT"), (SIGILL, "SIGILL"),
        (SIGTRAP, "SIGTRAP"), (SIGABRT, "SIGABRT"), (SIGBUS, "SIGBUS"), (SIGFPE, "SIGFPE"),
        (SIGKILL, "SIGKILL"), (SIGSEGV, "SIGSEGV"), (SIGPIPE, "SIGPIPE"), (SIGTERM, "SIGTERM"),
        (SIGXCPU, "SIGXCPU"), (SIGSYS, "SIGSYS"),
    ]

    private static func name(of signal: Int32) -> String {
        names.first { $0.0 == signal }?.1 ?? ""
    }
}
