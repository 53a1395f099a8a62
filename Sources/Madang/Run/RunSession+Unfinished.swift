import Foundation
import Host
import Platform
import Ports
import Storage
import TradingModel

/// A new run begins where another one is not finished: its books have nothing of what that one holds.
extension RunSession {
    /// - Throws: ``StoreError`` where another version of this program began that one with this very configuration, and a
    ///   broker outside has its orders: nobody who only took a new program wants to begin anew.
    func lookBack(at known: [StoredRun], _ address: StoreAddress, fresh: Bool) throws(StoreError) {
        guard let last = known.max(by: { $0.started < $1.started }), last.finished == nil,
            !RunFolder.isBare(last.id, in: assembly.root)
        else { return }
        if fresh {
            let left = LeftBehind(of: last.id, address)
            if !left.isNothing {
                warn(
                    "run \(last.id) is not finished, and \(left): the new one begins with empty books"
                )
            }
            return
        }
        if assembly.configuration.brokers.contains(where: \.isOutside),
            let kernel = formerKernel(of: last.id)
        {
            throw StoreError(
                .otherRun,
                "run \(last.id) is not finished, \(LeftBehind(of: last.id, address)), and was begun with this"
                    + " configuration by another version of this program (kernel version \(kernel), this one has"
                    + " \(KernelVersion.number)): the books of a new run would have nothing of that, and it might buy"
                    + " the same again", at: "\(assembly.root)/runs/\(last.id)",
                advice:
                    "finish it with the program that began it; or begin with empty books, and see yourself to what is"
                    + " left at the broker: madang run --fresh")
        }
        warn(
            "run \(last.id) is not finished, and is not this one: it was begun with another configuration or other"
                + " recordings, or by another version of this program; a new run begins, and its books have nothing of"
                + " what that one holds")
    }

    private func warn(_ text: String) {
        observer.notice(RunNotice(.warning, time: .zero, text: text))
    }

    /// The version by which a run of this configuration was begun; `nil`: it is ours, or the run another one.
    private func formerKernel(of run: String) -> UInt32? {
        guard
            let identity = try? SegmentedLog.identity(in: "\(assembly.root)/runs/\(run)/log"),
            identity.kernelVersion != KernelVersion.number
        else { return nil }
        // The words of an identity change with versions too; the file as it was kept does not.
        let isSame =
            identity.configurationHash == assembly.formerIdentity(identity.kernelVersion)
            || RunFolder.keeps(configuration: assembly.text, of: run, in: assembly.root)
        return isSame ? identity.kernelVersion : nil
    }
}

/// What a run holds and has open by its tables, in words.
struct LeftBehind: CustomStringConvertible {
    private var held: [String] = []
    private var open: [String] = []
    /// Why nobody knows.
    private var trouble: String?

    init(of run: String, _ address: StoreAddress) {
        do throws(StoreError) {
            let tables = try address.reading(run: run)
            let (ledger, orders) = (try tables.ledger(), try tables.orders())
            let accounts = Set(ledger.map(\.account) + orders.map(\.account))
            func of(_ account: String) -> String { accounts.count > 1 ? " of \(account)" : "" }
            held = Holding.all(in: ledger).filter { $0.held != .zero }.map {
                grouped("\($0.held)") + " \($0.symbol)" + of($0.account)
            }
            open = orders.filter { !Self.ends.contains($0.state) }.map {
                "order \($0.number), \($0.side.shown) \(grouped("\($0.quantity)")) \($0.symbol)"
                    + of($0.account) + ($0.limit.map { " at \(grouped("\($0)"))" } ?? "")
                    + ($0.filled == .zero ? "" : ", \(grouped("\($0.filled)")) filled")
                    + " (\($0.stateWords))"
            }
        } catch { trouble = "\(error)" }
    }
    /// As tables name them.
    private static let ends: Set<String> = ["filled", "cancelled", "rejected", "expired", "failed"]
    /// Of each, at most.
    private static let told = 12

    /// Whether it is known that nothing is.
    var isNothing: Bool { trouble == nil && held.isEmpty && open.isEmpty }

    /// `holds 10 A, 5 B and has open order 3, BUY 10 A at 90 (submitted)`.
    var description: String {
        if let trouble { return "holds what cannot be read now (\(trouble))" }
        let have = open.isEmpty ? "no order open" : "open " + Self.list(open, by: "; ")
        return "holds \(held.isEmpty ? "nothing" : Self.list(held, by: ", ")) and has \(have)"
    }

    private static func list(_ words: [String], by comma: String) -> String {
        let more = words.count - told
        return words.prefix(told).joined(separator: comma)
            + (more > 0 ? "\(comma)and \(grouped("\(more)")) more" : "")
    }
}
