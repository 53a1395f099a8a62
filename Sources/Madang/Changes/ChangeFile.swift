import Foundation
import Host
import Platform

/// How people ask a running host for other strategies and rules: two small files in its folder, one with
/// what was asked, one with what the host answered. Both are replaced whole.
struct ChangeFile {
    let folder: String
    /// Of who waits for a turn, in ms.
    var patience = 1_000

    struct Request: Codable, Hashable {
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
        /// Rises with each request of a folder.
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
    struct Answer: Codable {
        struct Entry: Codable {
            var name: String
            var kind: String
            var words: String
            var settings: [String: String]
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
    }

    private var asked: FolderRecord { record("change.json") }
    private var heard: FolderRecord { record("change.heard.json") }
    private func record(_ name: String) -> FolderRecord {
        FolderRecord(
            path: folder + "/" + name, limit: 16 << 20, writer: "the host",
            advice: "delete it, and ask again")
    }

    func request() throws(RunError) -> Request? { try asked.read() }
    func answer() throws(RunError) -> Answer? { try heard.read() }

    /// Asks, with the next number.
    func ask(_ request: Request) throws(RunError) -> Request {
        let turn = FolderTurn(folder + "/change.lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        let last = max((try? self.request())?.number ?? 0, (try? answer())?.number ?? 0)
        var request = request
        request.number = last < .max ? last + 1 : 1
        try asked.write(request)
        return request
    }

    func write(_ answer: Answer) throws(RunError) { try heard.write(answer) }
}
