package import Kernel
package import Ports
package import TradingModel

/// Books fills into rows, each chained to the one before by SHA-256.
///
/// The hash leaves out receive times, the host's id and UUIDs: two runs that decide alike end alike.
package struct Ledger: Sendable {
    private let digest: any Digest
    private let hostID: String
    private var plan: KernelPlan
    /// Model version of each source, by its index; empty where there is none.
    private var models: [String]
    private(set) var line: Int64 = 0
    /// What the rows so far come to: a split's own row says it anew.
    private var holdings: [DeskKey: (held: Quantity, cost: Money)] = [:]
    private var cash: [AccountID: Money] = [:]
    /// Of the last row; 64 zeros before the first.
    package private(set) var hash = Self.begin

    package init(_ plan: KernelPlan, hostID: String, models: [String], digest: any Digest) {
        self.plan = plan
        self.hostID = hostID
        self.models = models
        self.digest = digest
    }

    /// Follows attachments that change.
    mutating func follow(_ plan: KernelPlan) {
        for _ in plan.sources.dropFirst(models.count) { models.append("") }
        self.plan = plan
    }

    /// - Parameter model: Where its source has several versions: of the one that was heard.
    package mutating func book(
        _ fill: Fill, _ booking: Booking, of decision: OrderDecision, record: UInt64,
        model: String? = nil
    ) -> LedgerRow {
        let order = decision.order
        let account = plan.accounts[Int(order.account.index)]
        line += 1
        var row = LedgerRow(
            record: record, line: line, account: account.name,
            symbol: plan.instruments[Int(order.instrument.index)].symbol, side: order.side,
            quantity: fill.quantity, price: fill.price, fee: fill.fee, currency: account.currency,
            order: order.number, clientOrderID: clientOrderID(of: order).description,
            slippage: slippage(of: fill, decision), realised: booking.realised,
            positionAfter: booking.positionAfter, cashAfter: booking.cashAfter,
            source: plan.sources[Int(decision.source.index)].name,
            modelVersion: model ?? models[Int(decision.source.index)],
            confidence: decision.confidence.millionths, time: fill.time, hash: "")
        row.tax = fill.tax
        chain(&row)
        let key = DeskKey(account: order.account, instrument: order.instrument)
        holdings[key] = (booking.positionAfter, booking.costAfter)
        cash[order.account] = booking.cashAfter
        return row
    }

    private mutating func chain(_ row: inout LedgerRow) {
        hash = Self.hash(of: row, behind: hash, digest)
        row.hash = hash
    }

    /// Books what puts the books where a broker is.
    package mutating func book(_ correction: Correction, record: UInt64) -> LedgerRow {
        let order = correction.order
        let account = plan.accounts[Int(order.account.index)]
        let change = Int64(clamping: order.change)
        line += 1
        var row = LedgerRow(
            record: record, line: line, account: account.name,
            symbol: order.instrument.map { plan.instruments[Int($0.index)].symbol } ?? "",
            side: change < 0 || correction.cashAfter < correction.cashBefore ? .sell : .buy,
            quantity: Quantity(units: Int64(clamping: change.magnitude)), price: correction.price,
            fee: .zero, currency: account.currency, order: OrderNumber(0), clientOrderID: "",
            slippage: .zero, realised: .zero, positionAfter: correction.positionAfter,
            cashAfter: correction.cashAfter, source: order.author.name, modelVersion: "",
            confidence: 0, time: order.time, hash: "")
        row.kind = .correction
        row.cashBefore = correction.cashBefore
        row.costAfter = correction.costAfter
        row.note = CorrectionWords.note(order)
        chain(&row)
        if let instrument = order.instrument {
            let key = DeskKey(account: order.account, instrument: instrument)
            holdings[key] = (correction.positionAfter, correction.costAfter)
        }
        cash[order.account] = correction.cashAfter
        return row
    }

    /// Books a split: a row for each account that holds the instrument.
    package mutating func bookSplit(
        of instrument: InstrumentID, new: Int64, for old: Int64, at time: Timestamp, record: UInt64
    ) -> [LedgerRow] {
        var rows: [LedgerRow] = []
        for index in plan.accounts.indices {
            let key = DeskKey(account: AccountID(index), instrument: instrument)
            guard let (held, cost) = holdings[key], held != .zero, old != 0 else { continue }
            let units = SplitScale.units(held.units, new, for: old)
            let change = Int128(units) - Int128(held.units)
            let cash = cash[key.account] ?? plan.accounts[index].cash
            line += 1
            var row = LedgerRow(
                record: record, line: line, account: plan.accounts[index].name,
                symbol: plan.instruments[Int(instrument.index)].symbol,
                side: change < 0 ? .sell : .buy,
                quantity: Quantity(units: Int64(clamping: change.magnitude)), price: .zero,
                fee: .zero, currency: plan.accounts[index].currency, order: OrderNumber(0),
                clientOrderID: "", slippage: .zero, realised: .zero,
                positionAfter: Quantity(units: units), cashAfter: cash, source: "person",
                modelVersion: "", confidence: 0, time: time, hash: "")
            row.kind = .split
            (row.cashBefore, row.costAfter, row.note) = (cash, cost, "\(new) for \(old)")
            chain(&row)
            holdings[key] = (row.positionAfter, cost)
            rows.append(row)
        }
        return rows
    }

    /// Before the first row.
    package static let begin = String(repeating: "0", count: 64)

    /// The hash that a row has behind another: of that one's, and of what this one says.
    ///
    /// - Parameter before: 64 hex digits; ``begin`` for the first row.
    package static func hash(
        of row: LedgerRow, behind before: String, _ digest: any Digest
    ) -> String {
        hex(digest.sha256(Array((before + canonical(row)).utf8)))
    }

    /// What the hash covers, in the order of the fields, one space between; a space in a name is `\\s`.
    ///
    /// The text's second version begins with its name, which no fill's does: fills are written as they always were, so
    /// that chains from before there were corrections stay what they are.
    private static func canonical(_ row: LedgerRow) -> String {
        switch row.kind {
        case .fill: fill(row)
        case .correction, .split: second(row)
        }
    }

    private static func second(_ row: LedgerRow) -> String {
        // When a split was told is no word of the log: who books from that alone has no time of the market.
        let time = row.kind == .split ? [] : ["\(row.time.nanoseconds)"]
        let words = [
            "v2", row.kind.rawValue, "\(row.line)", plain(row.account), plain(row.symbol),
            row.side == .buy ? "BUY" : "SELL", "\(row.quantity)", "\(row.price)",
            plain(row.currency), "\(row.positionAfter)", "\(row.costAfter ?? .zero)",
            "\(row.cashBefore ?? .zero)", "\(row.cashAfter)", plain(row.source), plain(row.note),
        ]
        return (words + time).joined(separator: " ")
    }

    private static func fill(_ row: LedgerRow) -> String {
        let words = [
            "\(row.line)", plain(row.account), plain(row.symbol), row.side == .buy ? "BUY" : "SELL",
            "\(row.quantity)", "\(row.price)", "\(row.fee)", plain(row.currency), "\(row.order)",
            "\(row.slippage)", "\(row.realised)", "\(row.positionAfter)", "\(row.cashAfter)",
            plain(row.source), plain(row.modelVersion), "\(row.confidence)",
            "\(row.time.nanoseconds)",
        ]
        // One word more where it was told: without it the text is that of before there was a tax.
        return (words + (row.tax.map { ["\($0)"] } ?? [])).joined(separator: " ")
    }

    private static func plain(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\\") })
        else { return name }
        var text = ""
        for character in name.unicodeScalars {
            switch character {
            case " ": text += "\\s"
            case "\\": text += "\\\\"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// A UUID (version 8) from SHA-256 over host id, account and intent number: the same in a replay.
    package func clientOrderID(of order: Order) -> ClientOrderID {
        let name = "\(hostID)/\(plan.accounts[Int(order.account.index)].name)/\(order.number)"
        let bytes = digest.sha256(Array(name.utf8))
        func word(_ from: Int) -> UInt64 {
            bytes[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        return ClientOrderID(
            high: word(0) & ~0xF000 | 0x8000, low: word(8) & ~(0xC << 60) | 0x8 << 60)
    }

    /// Against us: positive.
    private func slippage(of fill: Fill, _ decision: OrderDecision) -> Price {
        let (difference, overflow) = fill.price.units.subtractingReportingOverflow(
            decision.reference.units)
        guard !overflow, difference != .min else { return .zero }
        return Price(units: difference * decision.order.side.sign)
    }
}

package func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
