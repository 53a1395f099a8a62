import Ports
import TradingModel

extension ShadowRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(slot.name)
        result.bindColumns(&binder)
    }
}

extension VersionRow {
    func bind(to run: Int64, _ binder: inout some RowBinder) {
        var line = VersionLine(self)
        line.put(run, self, &binder)
    }
}

/// An event as its columns; what a kind does not have is empty.
private struct VersionLine {
    var kind = ""
    var slot = ""
    var first: UInt64 = 0
    var last: UInt64 = 0
    var order: Int64 = 0
    var words: (String, String, String) = ("", "", "")

    init(_ row: VersionRow) {
        switch row.event {
        case .described(let slot, let version, let model, let parameterHash):
            kind = "described"
            self.slot = slot.name
            words = (version, model, parameterHash)
        case .changed(let plan, let from, let number, let reason):
            kind = "changed"
            slot = plan.live.name
            first = from
            order = Int64(number)
            words = (plan.text, reason, "")
        case .skipped(let slot, let from, let through):
            kind = "skipped"
            self.slot = slot.name
            first = from.value
            last = through.value
        case .covered(let slot, let through):
            kind = "covered"
            self.slot = slot.name
            last = through.value
        }
    }

    mutating func put(_ run: Int64, _ row: VersionRow, _ binder: inout some RowBinder) {
        binder.put(run)
        binder.put(row.record)
        binder.put(row.source)
        binder.put(kind)
        binder.put(slot)
        binder.put(first)
        binder.put(last)
        binder.put(order)
        binder.put(words.0)
        binder.put(words.1)
        binder.put(words.2)
        binder.put(row.time)
    }
}

extension ProjectionQueries {
    func shadows() throws(StoreError) -> [ShadowRow] {
        try rows(
            """
            SELECT slot, \(RowColumns.signalColumns) FROM shadow_results WHERE run = ?
            ORDER BY number
            """, doing: "read shadow results"
        ) { row in
            let word = row.text()
            let slot = row.known(VersionSlot(name: word), else: .main)
            return ShadowRow(slot: slot, result: row.signal())
        }
    }

    func versions() throws(StoreError) -> [VersionRow] {
        try rows(
            """
            SELECT \(RowColumns.versionColumns) FROM version_events WHERE run = ? ORDER BY number
            """, doing: "read versions"
        ) { row in
            let record = row.unsigned()
            let source = row.text()
            let kind = row.text()
            let slotName = row.text()
            let slot = row.known(VersionSlot(name: slotName), else: .main)
            let (first, last, order) = (row.unsigned(), row.unsigned(), row.integer())
            let (words, reason, hash) = (row.text(), row.text(), row.text())
            let event: VersionRow.Event? =
                switch kind {
                case "described":
                    .described(slot, version: words, model: reason, parameterHash: hash)
                case "changed":
                    VersionPlan(words).map {
                        .changed($0, from: first, order: Int(order), reason: reason)
                    }
                case "skipped": .skipped(slot, EventPosition(first), EventPosition(last))
                case "covered": .covered(slot, EventPosition(last))
                default: nil
                }
            return VersionRow(
                record: record, source: source,
                event: row.known(event, else: .covered(slot, .start)), time: row.time())
        }
    }
}
