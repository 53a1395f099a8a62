import Host

/// How people ask a running host for other strategies and rules.
struct ChangeFile: AskedFile {
    let folder: String
    var patience = 1_000
    static let name = "change"
    static let limit = 16 << 20
    static let writer = "the host"

    struct Request: Codable, Hashable, Numbered {
        enum Wish: Codable, Hashable {
            /// What there is, and nothing else.
            case show
            /// The limits that hold, by account, and nothing else.
            case showLimits
            /// Pieces of configuration, as ``PieceText``; `file` is how errors name them.
            case put(text: String, file: String)
            /// The same, and rules that are not among them go.
            case replaceRules(text: String, file: String)
            case set(name: String, values: [Assignment])
            case remove([String])
            /// Limits of an account; of every one for `nil`.
            case limit(account: String?, values: [Assignment])
        }
        var number = 0
        /// The host that is asked: no other takes it.
        var process: Int32
        var wish: Wish
        /// Of the line-up that the asker was shown; `nil`: asks what would change, and changes nothing.
        var basis: String?
    }
    struct Assignment: Codable, Hashable {
        var key: String
        var value: String
    }
    /// What the host did about a request.
    struct Answer: Codable, Numbered {
        struct Entry: Codable {
            var name: String
            var kind: String
            var words: String
            var settings: [String: String]
        }
        struct Stop: Codable {
            var what: String
            var since: String
            var reason: String
            var wayOut: String
            init(_ stop: StandingStops.Stop) {
                what = stop.words
                since = ZonedTime.utc(stop.since)
                reason = stop.reason
                wayOut = stop.wayOut
            }
        }
        var number: Int
        var process: Int32
        var run: String
        /// Why nothing came of it.
        var refused: String?
        /// As a program's exit code.
        var code: Int32?
        /// What changes, a line for each name.
        var words: [String] = []
        /// Hash of the line-up that this is about.
        var basis: String
        /// Number of the run's change, and the step behind which it counts, once it is taken.
        var change: Int?
        var step: UInt64?
        /// Positions and orders of who went.
        var left: [String] = []
        /// Of a request to show.
        var entries: [Entry] = []
        /// What is stopped and was not let go, of limits; put in by who asked.
        var stops: [Stop]?
    }
}
