import Kernel
import Ports
import TradingModel

/// Results as rows, heard or not, and the events that they are about.
extension Projector {
    mutating func take(
        _ signal: Signal, _ status: SignalStatus, _ time: Timestamp, _ record: UInt64
    ) {
        let version = version(of: signal.source, on: signal.instrument, at: signal.position)
        var row = row(of: signal, version, status.word, time, record)
        row.detail = FateWords.unheard(
            signal, status,
            deadline: plan.sources[Int(signal.source.index)]
                .deadline(of: classes.kind(at: signal.position)))
        rows.append(.signal(row))
        note(signal)
        counts.sources[Int(signal.source.index)].results += 1
        if status == .pending {
            standing[signal.key] = row
            rounds.stand(signal)
        } else {
            count(status, of: signal.source)
        }
    }

    private mutating func row(
        of signal: Signal, _ version: SourceVersion, _ status: String, _ time: Timestamp,
        _ record: UInt64
    ) -> SignalRow {
        let result = signal.result
        let eventTime = tellEvent(at: signal.position, record)
        return SignalRow(
            record: record, position: signal.position, index: signal.index,
            source: plan.sources[Int(signal.source.index)].name, version: version.version,
            model: version.model, parameterHash: version.parameterHash,
            account: plan.accounts[Int(signal.account.index)].name,
            symbol: symbol(signal.instrument), action: result.action,
            confidence: result.confidence.millionths, message: result.message,
            reasons: result.reasons, status: status, detail: "", time: eventTime ?? time,
            size: rounds.size(wantedBy: signal), limit: result.limit,
            delay: signal.arrivalTime.since(signal.entryTime).count)
    }

    /// Counts for the version, or the shard, that said it.
    private mutating func note(_ signal: Signal) {
        guard let book, book.plan(of: signal.source) != nil else {
            let source = plan.sources[Int(signal.source.index)]
            guard source.shards != nil else { return }
            let key = SessionKey(
                source: signal.source, slot: .main, shard: source.shard(of: signal.instrument))
            sessions[key, default: .init()].results += 1
            return
        }
        let slot = book.heard(of: signal.source, on: signal.instrument, at: signal.position.step)
        sessions[SessionKey(source: signal.source, slot: slot), default: .init()].results += 1
    }

    /// A result that was not heard, as a row.
    mutating func take(
        shadow result: ServerResult, of slot: VersionSlot, time: Timestamp, record: UInt64
    ) {
        let key = SessionKey(source: result.source, slot: slot)
        sessions[key, default: .init()].results += 1
        sessions[key, default: .init()].shadows += 1
        let account = plan.attachments.first {
            $0.source == result.source && $0.instrument == result.instrument
        }?.account
        let signal = Signal(
            source: result.source, account: account ?? AccountID(0),
            instrument: result.instrument, position: result.position, index: result.index,
            result: result.result, entryTime: result.entryTime, arrivalTime: result.arrivalTime)
        let row = row(of: signal, described[key] ?? .init(), "shadow", time, record)
        rows.append(.shadow(ShadowRow(slot: slot, result: row)))
    }

    /// A result about an instrument that has left its session, as a row.
    mutating func take(
        removed result: ServerResult, of slot: VersionSlot, time: Timestamp, record: UInt64
    ) {
        counts.sources[Int(result.source.index)].results += 1
        let account = plan.attachments.first { $0.source == result.source }?.account
        let signal = Signal(
            source: result.source, account: account ?? AccountID(0), instrument: result.instrument,
            position: result.position, index: result.index, result: result.result,
            entryTime: result.entryTime, arrivalTime: result.arrivalTime)
        let version = version(
            of: signal.source, on: signal.instrument, at: signal.position)
        var row = row(of: signal, version, "removed", time, record)
        row.detail = "\(row.symbol) has left the session"
        rows.append(.signal(row))
        note(signal)
    }

    mutating func add(_ row: VersionRow) { rows.append(.version(row)) }

    /// A row for the event, once.
    ///
    /// - Returns: Its time; `nil` where nobody knows the event any more.
    private mutating func tellEvent(at position: EventPosition, _ record: UInt64) -> Timestamp? {
        if position == lastEvent?.position { return lastEvent?.time }
        let row: EventRow
        if let event = recent.event(at: position) {
            // Not `map(symbol)`: that would copy all of the projector first.
            let name = if let id = event.instrument { symbol(id) } else { "" }
            row = EventRow(event, record: record, symbol: name)
        } else if let fill = recent.fill(at: position) {
            row = EventRow(
                fill, at: position, record: record, symbol: orders[fill.order]?.symbol ?? "")
        } else {
            return nil
        }
        lastEvent = (position, row.time)
        rows.append(.event(row))
        return row.time
    }

    /// Whether a plan of exits asked for it, as far back as orders are known.
    func isOfExit(_ number: OrderNumber) -> Bool {
        orders[number]?.isOfExit == true
    }
}

extension OrderRow {
    /// Whether a plan of exits asked for it.
    var isOfExit: Bool { sizing.hasPrefix("exit ") }
}

extension SignalStatus {
    /// Its ``name``, without asking the runtime for it: each result is told twice.
    var word: String {
        switch self {
        case .pending: "pending"
        case .used: "used"
        case .outvoted: "outvoted"
        case .late: "late"
        case .expired: "expired"
        case .replaced: "replaced"
        case .vetoed: "vetoed"
        case .alert: "alert"
        case .notApproved: "not_approved"
        case .killed: "killed"
        }
    }
}
