import GRPCTransport
import Platform
import StrategyWire

/// Why a session is not there, in words for people; final: trying again cannot help.
package struct SessionError: Error, CustomStringConvertible {
    package let what: String
    package let advice: String
    package let isFinal: Bool
    /// Nobody listens at the address.
    let isUnreachable: Bool
    /// Nobody answers there in time.
    let isSilent: Bool
    /// The process that the host started is gone.
    let isEnd: Bool
    /// It may be there later: nobody has refused anything, and nothing that the host started has ended.
    package var isAway: Bool { !isFinal && !isEnd }
    /// A server that ended while it was connected to looks like one that wants TLS: only the same again
    /// and again is final.
    let mayPass: Bool
    /// It broke the contract, while it was at work, and not again and again: a new connection may do.
    let isBreach: Bool
    /// What its process printed last, as lines.
    private var said = ""

    init(
        _ what: String, advice: String, isFinal: Bool, isUnreachable: Bool = false,
        isSilent: Bool = false, isEnd: Bool = false, mayPass: Bool = false, isBreach: Bool = false
    ) {
        self.what = what
        self.advice = advice
        self.isFinal = isFinal
        self.isUnreachable = isUnreachable
        self.isSilent = isSilent
        self.isEnd = isEnd
        self.mayPass = mayPass
        self.isBreach = isBreach
    }

    /// - Parameter isOpening: The session was not at work yet: what the server refuses then it will
    ///   refuse again. Later the same words end a stream, and a new one may do.
    init(_ error: any Error, isOpening: Bool) {
        switch error {
        case let error as SessionError: self = error
        case let error as ServerRefusal:
            self.init(
                error.what, advice: error.advice, isFinal: true,
                isBreach: !isOpening && !error.isLast)
        case let error as RPCError: self.init(error, isOpening)
        case let error as ProcessLaunchError: self.init("\(error)", advice: "", isFinal: true)
        case let error as WireError:
            self.init(
                "it sent what is no message of the contract: \(error)",
                advice: ServerRefusal.defect, isFinal: true, isBreach: !isOpening)
        default: self.init("\(error)", advice: "", isFinal: false)
        }
    }

    private init(_ error: RPCError, _ isOpening: Bool) {
        switch error.trouble {
        case .deadline:
            self.init(
                "it does not answer", advice: "see its own log: it may be busy or hang",
                isFinal: false, isSilent: true)
        case .messageTooLarge:
            self.init(
                "it sent a message that is too large: \(error.status.message)",
                advice:
                    "send fewer results in one message; Configure.limits says how large it may be",
                isFinal: true, isBreach: !isOpening)
        case .refused, .missingSocket:
            self.init(
                error.status.message, advice: error.trouble.advice, isFinal: false,
                isUnreachable: true)
        case .noAnswer, .unknownHost:
            self.init(
                error.status.message, advice: error.trouble.advice, isFinal: false, isSilent: true)
        default:
            // A refusal by the server itself needs a person; a broken connection does not.
            let isRefusal =
                isOpening && (error.code == .failedPrecondition || error.code == .invalidArgument)
            self.init(
                error.status.message.isEmpty ? "\(error.status)" : error.status.message,
                advice: error.trouble.advice, isFinal: error.trouble.needsAPerson || isRefusal,
                mayPass: error.trouble == .handshake)
        }
    }

    /// The launched process ended before it answered.
    init(ended end: ProcessEnd) {
        self.init("its process \(end)", advice: Self.advice(for: end), isFinal: false, isEnd: true)
    }

    private static func advice(for end: ProcessEnd) -> String {
        if "\(end)".contains("No module named 'madang'") {
            return "the python that 'launch' names has no madang: activate its environment first"
                + " (. .venv/bin/activate), or write that python's path"
        }
        if end.exit == .code(0) {
            return
                "it had nothing to do: does its file end with a call that serves, such as serve(MyStrategy)?"
        }
        if end.excess != nil { return "raise memory, or let it hold less" }
        return "see what it printed; run its command by hand"
    }

    /// The launched process runs and nobody listens where it should.
    init(silentFor time: Duration) {
        self.init(
            "it was started and does not serve after \(time.components.seconds) s",
            advice: "see what it printed; if it needs longer to start, raise start_within",
            isFinal: false)
    }

    /// - Parameter output: Of its process; told where the error itself does not say what is wrong.
    func at(_ place: String, output: some Sequence<String> = []) -> SessionError {
        var error = SessionError(
            "\(place): \(what)", advice: advice, isFinal: isFinal, isUnreachable: isUnreachable,
            isSilent: isSilent, isEnd: isEnd, mayPass: mayPass, isBreach: isBreach)
        if !isFinal { error.said = output.map { "\n  | \($0)" }.joined() }
        return error
    }

    package var description: String { what + (advice.isEmpty ? "" : "\n  \(advice)") + said }
}
