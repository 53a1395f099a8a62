import Orders
import Platform
import Ports
import TradingModel

/// What a record says of desks beside its facts.
struct DeskMinutes: Equatable {
    var routes: [Minute.Route] = []
    var lockdowns: [Minute.Lockdown] = []
    var notes: [Minute.Note] = []
    var memos: [Minute.Memo] = []
    var isEmpty: Bool {
        routes.isEmpty && lockdowns.isEmpty && notes.isEmpty && memos.isEmpty
    }

    /// Whether it speaks of brokers of the run alone.
    func fits(desks: Int) -> Bool {
        routes.allSatisfy { $0.desk < desks } && lockdowns.allSatisfy { $0.desk < desks }
            && notes.allSatisfy { $0.desk < desks } && memos.allSatisfy { $0.desk < desks }
    }
}

/// One thing that a record says of a desk.
enum Minute {
    /// Which broker an order goes to; chosen once.
    struct Route: Hashable {
        var order: OrderNumber
        var desk: Int
    }
    struct Lockdown: Hashable {
        var desk: Int
        /// `nil`: released.
        var reason: String?
    }
    struct Note: Hashable {
        var desk: Int
        var note: DeskNote
        init(desk: Int, _ note: DeskNote) {
            self.desk = desk
            self.note = note
        }
    }
}

extension Minute {
    /// What is to be remembered of an order that no fact tells; an empty one: nothing any more.
    struct Memo: Hashable {
        var desk: Int
        var order: OrderNumber
        var memo: OrderMemo
    }
}

extension DeskMinutes {
    /// Behind the rest, in records that have them alone: others are as they were before there were any.
    func writeMemos(to out: inout ByteWriter) {
        out.write(varint: UInt64(memos.count))
        for minute in memos {
            out.write(varint: UInt64(minute.desk))
            out.write(varint: minute.order.value)
            let memo = minute.memo
            let flags = [memo.isGhost, memo.cancelTaken, memo.broker != nil]
            out.write(
                flags.enumerated().reduce(0 as UInt8) { $1.element ? $0 | 1 << $1.offset : $0 })
            if let broker = memo.broker { out.write(broker.text) }
        }
    }

    mutating func readMemos(_ from: inout ByteReader) throws(ByteError) {
        for _ in 0..<(try from.readVarint()) {
            let desk = try Self.desk(&from)
            let order = OrderNumber(try from.readVarint())
            let at = from.offset
            let flags = try from.read(UInt8.self)
            guard flags < 8 else { throw .malformed(at: at, what: "memo of an order \(flags)") }
            let broker = flags & 4 == 0 ? nil : BrokerOrderID(try from.readString())
            let memo = OrderMemo(
                isGhost: flags & 1 != 0, broker: broker, cancelTaken: flags & 2 != 0)
            memos.append(Minute.Memo(desk: desk, order: order, memo: memo))
        }
    }

    func write(to out: inout ByteWriter) {
        out.write(varint: UInt64(routes.count))
        for route in routes {
            out.write(varint: route.order.value)
            out.write(varint: UInt64(route.desk))
        }
        out.write(varint: UInt64(lockdowns.count))
        for lockdown in lockdowns {
            out.write(varint: UInt64(lockdown.desk))
            out.write(lockdown.reason != nil)
            if let reason = lockdown.reason { out.write(reason) }
        }
        out.write(varint: UInt64(notes.count))
        for minute in notes {
            out.write(varint: UInt64(minute.desk))
            out.write(minute.note.code.rawValue)
            out.write(minute.note.severity.rawValue)
            out.write(varint: minute.note.order?.value ?? 0)
            out.write(minute.note.text)
        }
    }

    init(_ from: inout ByteReader) throws(ByteError) {
        for _ in 0..<(try from.readVarint()) {
            let order = OrderNumber(try from.readVarint())
            routes.append(Minute.Route(order: order, desk: try Self.desk(&from)))
        }
        for _ in 0..<(try from.readVarint()) {
            let desk = try Self.desk(&from)
            let reason = try from.readBool() ? try from.readString() : nil
            lockdowns.append(Minute.Lockdown(desk: desk, reason: reason))
        }
        for _ in 0..<(try from.readVarint()) {
            let (desk, at) = (try Self.desk(&from), from.offset)
            guard let code = FailSafeCode(rawValue: try from.readString()),
                let severity = FailSafeCode.Severity(rawValue: try from.readString())
            else { throw .malformed(at: at, what: "code or severity of a note") }
            let order = try from.readVarint()
            let text = try from.readString()
            let note = DeskNote(
                code, severity: severity, order: order == 0 ? nil : OrderNumber(order), text)
            notes.append(Minute.Note(desk: desk, note))
        }
    }

    private static func desk(_ from: inout ByteReader) throws(ByteError) -> Int {
        let at = from.offset
        let index = try from.readVarint()
        guard index < 1_024 else { throw .malformed(at: at, what: "broker \(index)") }
        return Int(index)
    }
}
