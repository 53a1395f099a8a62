import Orders
import Platform
import Ports
import TradingModel

/// What a record says of desks beside its facts.
struct DeskMinutes: Equatable {
    var routes: [Minute.Route] = []
    var lockdowns: [Minute.Lockdown] = []
    var notes: [Minute.Note] = []
    var isEmpty: Bool { routes.isEmpty && lockdowns.isEmpty && notes.isEmpty }

    /// Whether it speaks of brokers of the run alone.
    func fits(desks: Int) -> Bool {
        routes.allSatisfy { $0.desk < desks } && lockdowns.allSatisfy { $0.desk < desks }
            && notes.allSatisfy { $0.desk < desks }
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

extension DeskMinutes {
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
