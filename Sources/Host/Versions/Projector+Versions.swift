import Kernel
import Ports
import TradingModel

extension Projector {
    /// What a source's results are recorded with.
    struct SourceVersion: Hashable, Sendable {
        var version = ""
        var model = ""
        var parameterHash = ""
        /// As errors tell it.
        var words: String {
            "version \(version)" + (model.isEmpty ? "" : ", model \(model)")
                + ", parameters \(parameterHash)"
        }
    }

    /// Turns a note into rows, and follows who is heard.
    mutating func take(
        _ note: VersionNote, _ book: VersionBook, time: Timestamp, record: UInt64
    ) {
        self.book = book
        func row(_ event: VersionRow.Event) -> VersionRow {
            let name = note.source.map { plan.sources[Int($0.index)].name } ?? ""
            return VersionRow(record: record, source: name, event: event, time: time)
        }
        switch note {
        case .asked(let reason): saidWhy = (record, reason)
        case .shadow(let slot, let result):
            take(shadow: result, of: slot, time: time, record: record)
        case .removed(let slot, let result):
            take(removed: result, of: slot, time: time, record: record)
        case .changed(let source, let plan, let from, let order, let reason):
            add(row(.changed(plan, from: from, order: order, reason: reason)))
            let live = sessions[SessionKey(source: source, slot: plan.live)]
            set(state: live?.state ?? "", of: source)
        case .described(let source, let slot, let version):
            let key = SessionKey(source: source, slot: slot)
            // Another one in its place begins to count anew.
            if described[key] != nil { sessions[key] = nil }
            described[key] = version
            add(
                row(
                    .described(
                        slot, version: version.version, model: version.model,
                        parameterHash: version.parameterHash)))
        case .covered(_, let slot, let through): add(row(.covered(slot, through)))
        case .seated(let source, let shard, let seat, _, _):
            let key = SessionKey(source: source, slot: .main, shard: shard)
            if seat == .main { takenOver.remove(key) } else { takenOver.insert(key) }
            setState(of: source, slot: .main)
        }
    }

    /// What a version was told that it does not hear.
    mutating func add(
        skipped runs: [PositionRun], of session: SessionKey, time: Timestamp, record: UInt64
    ) {
        let name = plan.sources[Int(session.source.index)].name
        for run in runs {
            add(
                VersionRow(
                    record: record, source: name,
                    event: .skipped(session.slot, run.first, run.last),
                    time: time))
        }
    }
}

extension SessionLink {
    var key: SessionKey { SessionKey(source: source, slot: slot, shard: shard, seat: seat) }
}

extension Narrator {
    /// What was recorded and not heard.
    static func unheard(
        _ result: ServerResult, of name: String, _ symbol: String, time: Timestamp,
        _ why: String = "not heard"
    ) -> RunNotice {
        let said = result.result
        let hundredths = (Int(said.confidence.millionths) + 5_000) / 10_000
        let confidence =
            "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        let words = said.message.isEmpty ? said.reasons.joined(separator: ", ") : said.message
        var notice = RunNotice(
            .signal, time: time, source: name, symbol: symbol,
            text: "\(name) \("\(said.action)".uppercased()) \(symbol) \(confidence)  \(why)"
                + (words.isEmpty ? "" : ": \(words)"))
        notice.figure = .result(said.action, said.confidence, isLate: false)
        return notice
    }
}
