import Foundation
import Glibc
import Host
import Platform
import Storage

/// The kill switch of a folder: two small files, so that it can be thrown whether a host runs or not,
/// and stays thrown over restarts, new runs and crashes.
///
/// `kill-switch.json` is what somebody asked for, `kill-switch.heard.json` what the host answered.
/// Both are replaced whole. The log has it as a fact too, from the step behind which it was taken.
struct KillSwitch {
    let folder: String
    /// Of who waits for a turn, in ms: nobody who hangs keeps another from stopping.
    var patience = 1_000

    /// What the host did about an order.
    struct Answer: Codable {
        var order: KillOrder
        var did: KillAnswer
        var process: Int32

        init(order: KillOrder, did: KillAnswer, process: Int32) {
            (self.order, self.did, self.process) = (order, did, process)
        }

        private enum Keys: String, CodingKey { case order, did, process, withdrawn }

        /// One of an older program says how many buys were withdrawn, and nothing else.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            order = try values.decode(KillOrder.self, forKey: .order)
            process = try values.decode(Int32.self, forKey: .process)
            did = try values.decodeIfPresent(KillAnswer.self, forKey: .did) ?? KillAnswer()
            if let count = try values.decodeIfPresent(Int.self, forKey: .withdrawn) {
                did.withdrawn = count
            }
        }
    }

    private var asked: FolderRecord { record("kill-switch.json") }
    private var heard: FolderRecord { record("kill-switch.heard.json") }
    private func record(_ name: String) -> FolderRecord {
        FolderRecord(
            path: folder + "/" + name, limit: 1 << 20, writer: "'madang kill'",
            advice: "set it again: madang kill, or madang kill --off",
            room: "stop the host itself instead: Ctrl-C, or kill its process")
    }
    /// Of a reason, in UTF-8: JSON may write six for one, and a host must be able to read it back.
    private static let longestReason = 2_000
    /// Accounts and strategies that are stopped by themselves: whoever has more stops all.
    private static let mostParts = 64

    /// - Returns: `nil` where nobody ever asked.
    func order() throws(RunError) -> KillOrder? { try asked.read() }
    func answer() throws(RunError) -> Answer? { try heard.read() }

    /// Sets the switch, with the next number: one at a time, for of two orders under one number a host hears one.
    ///
    /// - Parameter change: Given how it stands.
    func set(
        reason: String, _ change: (inout KillOrder) throws(RunError) -> Void
    ) throws(RunError) -> KillOrder {
        let turn = FolderTurn(folder + "/kill-switch.lock", patience: patience)
        defer { withExtendedLifetime(turn) {} }
        // A file that cannot be read must not keep anybody from stopping.
        let (asked, heard) = (try? order(), (try? answer())?.order)
        // Where the file was removed or put back, the host knows more.
        let last = (heard?.number ?? 0) > (asked?.number ?? 0) ? heard : asked ?? heard
        // A host that could not write its file has answered one that is in none.
        let before = max(asked?.number ?? 0, heard?.number ?? 0)
        var order = last ?? KillOrder(number: 0, on: false, reason: "")
        order.number = before < .max ? before + 1 : 1
        order.said = Self.shortened(reason)
        try change(&order)
        guard order.accounts.count + order.strategies.count <= Self.mostParts else {
            throw RunError(
                .refused,
                "\(Self.mostParts) accounts and strategies are stopped already\n"
                    + "  stop all: madang kill")
        }
        try self.asked.write(order)
        return order
    }

    /// Of all.
    func set(_ on: Bool, reason: String) throws(RunError) -> KillOrder {
        try set(reason: reason) { order in order.turn(on) }
    }

    private static func shortened(_ reason: String) -> String {
        var room = longestReason
        let kept = reason.unicodeScalars.prefix { scalar in
            room -= UTF8.width(scalar)
            return room >= 0
        }
        return String(kept)
    }

    func write(_ answer: Answer) throws(RunError) { try heard.write(answer) }
}
