import CPQ
import Ports

extension StoreError {
    /// A refused statement in the port's terms, with the server's words.
    init(_ result: borrowing PostgresResult, doing what: String, at place: String) {
        self.init(
            state: result.state, words: result.message, doing: what, at: place)
    }

    /// A connection that broke or never came to be. Its message may hold the state between colons:
    /// `connection to server at … failed: FATAL:  28P01: password authentication failed …`.
    ///
    /// What was under way has an unknown outcome: the applied number tells it after connecting again.
    init(connection: OpaquePointer, doing what: String, at place: String) {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").map { $0.trimmed }
        let said =
            lines.first { !$0.isEmpty && !$0.hasPrefix("LOCATION:") } ?? "the connection broke"
        var state = ""
        var words = said
        let parts = said.split(separator: ": ", omittingEmptySubsequences: true).map(\.trimmed)
        if let at = parts.firstIndex(where: Self.isState) {
            state = parts[at]
            words = parts[(at + 1)...].joined(separator: ": ")
        }
        if PQconnectionNeedsPassword(connection) != 0 {
            state = "28P01"
            words = "the server wants a password, and none was given"
        }
        self.init(state: state, words: words, doing: what, at: place)
    }

    private static func isState(_ text: String) -> Bool {
        text.utf8.count == 5 && text.utf8.contains { (48...57).contains($0) }
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }

    /// - Parameter state: SQLSTATE; empty: the network's trouble.
    init(state: String, words: String, doing what: String, at place: String) {
        let (code, advice) = Self.meaning(of: state)
        let known = state.isEmpty || state == PostgresSchema.fenced ? "" : " (\(state))"
        self.init(code, "cannot \(what): \(words)\(known)", at: place, advice: advice)
    }

    private static func meaning(of state: String) -> (Code, String) {
        switch state {
        case "28P01", "28000":
            (.permission, "check store: postgres: user and password, and the server's pg_hba.conf")
        case "3D000":
            (.io, "make it (createdb -O USER DATABASE), or check store: postgres: database")
        case "42501":
            (
                .permission,
                "the user may not do that: GRANT CREATE ON DATABASE, or let the user own the schema"
            )
        case "53100", "53200":
            (.full, "free space on the server; the rows are written anew from the log")
        case "53300":
            (.inUse, "the server has no connection left: raise max_connections, or end others")
        case "55P03", "40P01", "40001", "55006":
            (.inUse, "another program holds the tables: end it (or its transaction)")
        case "25006":
            (
                .permission,
                "the server only reads (a standby, or default_transaction_read_only): name the primary"
            )
        case "57014":
            (.io, "the server took too long: look at its load, or raise store: postgres: patience")
        case "57P01", "57P02", "57P03":
            (.io, "the server is stopping or starting: the rows follow when it is back")
        case PostgresSchema.fenced:
            (.otherRun, "another host has taken this run over: let one alone run it")
        case PostgresSchema.gap:
            (.corrupt, "rebuild the tables from the log: madang store rebuild")
        case let state where state.hasPrefix("23") || state.hasPrefix("22"):
            (.corrupt, "the rows contradict those stored: madang store rebuild")
        case let state where state.hasPrefix("XX"):
            (.corrupt, "the server's tables are damaged: see its log, then madang store rebuild")
        case let state where state.hasPrefix("42"):
            (.corrupt, "the tables are not as this program made them: see madang store check")
        case let state where state.isEmpty || state.hasPrefix("08"):
            (.io, "is the server up, and store: postgres: host and port right? (pg_isready)")
        default:
            (.io, "see the server's log")
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
