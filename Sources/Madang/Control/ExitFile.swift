import Foundation
import Host
import Platform

/// How people tell a running host about exits: two small files in its folder, one with what was asked, one with
/// what the host answered. Both are replaced whole.
struct ExitFile {
    let folder: String
    /// Of who waits for a turn, in ms.
    var patience = 1_000

    struct Request: Codable, Hashable {
        /// Rises with each request of a folder.
        var number = 0
        /// The host that is asked: no other takes it.
        var process: Int32
        var wish: ExitOrder.Wish
        var reason: String
    }
    struct Answer: Codable {
        var number: Int
        var process: Int32
        var isTaken: Bool
        var words: String
    }

    private var asked: FolderRecord { record("exits.json") }
    private var heard: FolderRecord { record("exits.heard.json") }
    private func record(_ name: String) -> FolderRecord {
        FolderRecord(
            path: folder + "/" + name, limit: 65_536, writer: "'madang exits'",
            advice: "delete it, and ask again")
    }

    func request() throws(RunError) -> Request? { try asked.read() }
    func answer() throws(RunError) -> Answer? { try heard.read() }

    /// Asks, with the next number.
    func ask(_ request: Request) throws(RunError) -> Request {
        let turn = FolderTurn(folder + "/exits.lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        let last = max((try? self.request())?.number ?? 0, (try? answer())?.number ?? 0)
        var request = request
        request.number = last < .max ? last + 1 : 1
        try asked.write(request)
        return request
    }

    func write(_ answer: Answer) throws(RunError) { try heard.write(answer) }
}
