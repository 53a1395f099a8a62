import Kernel
import Platform
import Ports
import TradingModel

/// Versions of a strategy beside each other: who is heard, and what becomes of what is not.
extension RunState {
    /// Gives a result to the arbiter, or to the record alone.
    mutating func hear(_ result: ServerResult, from slot: VersionSlot, now: Timestamp) {
        guard isHeard(result, from: slot) else { return notes.append(.shadow(slot, result)) }
        engine.hear(result, of: projector.classes.kind(at: result.position), now: now)
    }

    func isHeard(_ result: ServerResult, from slot: VersionSlot) -> Bool {
        versions.isEmpty
            || versions.hears(
                slot, of: result.source, on: result.instrument, at: result.position.step)
    }

    /// Whether the session is fed and waited for.
    func isActive(_ link: SessionLink) -> Bool {
        versions.isEmpty || versions.isActive(link.slot, of: link.source)
    }

    // MARK: Coverage and state

    /// Notes how far a session has answered.
    ///
    /// - Returns: How far its source has: every live version that is heard somewhere; `nil` where this
    ///   one is not heard at all.
    mutating func cover(_ index: Int, through position: EventPosition) -> EventPosition? {
        covered[index] = max(covered[index], position)
        let link = sessions[index]
        if let duty = duty(of: index) { return standbys[duty].heard == index ? position : nil }
        guard !versions.isEmpty, versions.plan(of: link.source) != nil else { return position }
        guard versions.hears(link.slot, of: link.source) else { return nil }
        let heard = heardSessions(of: link.source, link.shard)
        let live = heard.filter { lives[$0] }
        return (live.isEmpty ? heard : live).map { covered[$0] }.min()
    }

    private func heardSessions(of source: SourceID, _ shard: Int) -> [Int] {
        sessions.indices.filter {
            sessions[$0].source == source && sessions[$0].shard == shard
                && versions.hears(sessions[$0].slot, of: source)
        }
    }

    /// Notes whether a session lives.
    ///
    /// - Returns: Whether its source does, as far as its instruments go: a version that is heard somewhere.
    mutating func setLive(_ isLive: Bool, _ index: Int) -> Bool {
        lives[index] = isLive
        let link = sessions[index]
        if let duty = duty(of: index) { return lives[standbys[duty].heard] }
        return heardSessions(of: link.source, link.shard).contains { lives[$0] }
    }

    /// Adds how far each version has answered, to what is written down anyway.
    mutating func noteCoverage() {
        guard !versions.isEmpty else { return }
        for (index, link) in sessions.enumerated()
        where versions.plan(of: link.source) != nil && covered[index] > toldCovered[index] {
            toldCovered[index] = covered[index]
            notes.append(.covered(link.source, link.slot, covered[index]))
        }
    }

    /// At the end of a start: what was answered since the last record.
    mutating func recordCoverage(entry: Timestamp) throws(RunFailure) {
        guard !versions.isEmpty, lastStep > 0, lastStep == decidedStep else { return }
        noteCoverage()
        if !notes.isEmpty { try record(entry: entry, at: .endOfStep(lastStep)) }
    }

    // MARK: The record

    /// Writes down who the versions are, where the log does not know it yet.
    mutating func recordDescribed(entry: Timestamp) throws(RunFailure) {
        guard !versions.isEmpty else { return }
        for link in sessions where versions.plan(of: link.source) != nil {
            let version = link.version
            let key = SessionKey(source: link.source, slot: link.slot)
            let known = projector.described[key]
            if link.slot == .main, known == nil, let plan = versions.plan(of: link.source) {
                notes.append(
                    .changed(link.source, plan, from: 0, order: 0, reason: "as configured"))
            }
            if isNew(link), lastStep > 0 {
                noteArrival(of: link, from: lastStep + 1)
            } else if version != known {
                notes.append(.described(link.source, link.slot, version))
            }
        }
        try leaveOutAbsent()
        if !notes.isEmpty { try record(entry: entry, at: .endOfStep(lastStep)) }
    }

    /// Takes what is in force at once; rows and words come with the record.
    mutating func take(_ order: VersionRequest, from step: UInt64) throws(RunFailure) {
        guard let source = setup.plan.sources.firstIndex(where: { $0.name == order.strategy })
        else { return }
        let id = SourceID(source)
        guard order.joining != nil || versions.plan(of: id) != nil,
            order.number > versions.order(of: id)
        else { return }
        if let joining = order.joining { try take(in: joining, from: step) }
        versions.change(id, to: order.plan, from: step, order: order.number)
        for link in sessions where link.source == id && !isActive(link) {
            watch?.forget(link.key)
        }
        notes.append(
            .changed(id, order.plan, from: step, order: order.number, reason: order.reason))
    }

    /// A note that stands in the log now, or did before: rows for the tables.
    mutating func project(_ note: VersionNote, record: UInt64) {
        projector.take(note, versions, time: time, record: record)
    }

    /// In recovery: what a note changes besides rows.
    mutating func restore(_ note: VersionNote) {
        switch note {
        case .changed(let source, let plan, let from, let order, _):
            versions.change(source, to: plan, from: from, order: order)
        case .covered(let source, let slot, let through):
            for (index, link) in sessions.enumerated()
            where link.source == source && link.slot == slot {
                covered[index] = max(covered[index], through)
                toldCovered[index] = covered[index]
            }
        case .seated(let source, let shard, let seat, let behind, _):
            restore(seat, of: source, shard, behind: behind)
        case .shadow, .removed, .described, .asked: break
        }
    }

    /// A version other than the one that the log ended with, where it is still asked.
    func strangers() -> (SessionLink, was: Projector.SourceVersion)? {
        for link in sessions
        where isActive(link) && versions.plan(of: link.source) != nil && !isNew(link) {
            let key = SessionKey(source: link.source, slot: link.slot)
            if let was = projector.described[key], was != link.version { return (link, was) }
        }
        return nil
    }

    /// The lines of a note, for those who watch.
    func notice(of note: VersionNote) -> RunNotice? {
        let name = note.source.map { setup.plan.sources[Int($0.index)].name } ?? ""
        switch note {
        case .shadow(let slot, let result):
            let symbol = setup.plan.instruments[Int(result.instrument.index)].symbol
            return Narrator.unheard(result, of: "\(name) \(slot.name)", symbol, time: time)
        case .removed(_, let result):
            let symbol = setup.plan.instruments[Int(result.instrument.index)].symbol
            return Narrator.unheard(
                result, of: name, symbol, time: time, "not heard: \(symbol) has left it")
        case .changed(let source, let plan, let from, let order, let reason):
            guard order > 0 else { return nil }
            let live = projector.described[SessionKey(source: source, slot: plan.live)]
            let version = (live?.version).map { $0.isEmpty ? "" : " (version \($0))" } ?? ""
            return RunNotice(
                .server, time: time, source: name,
                text: "\(name): \(plan.text)\(version), from step \(from) on: \(reason)")
        case .seated(let source, let shard, let seat, let behind, let reason):
            return RunNotice(
                .warning, time: time, source: name,
                text: "\(self.name(of: seat, source, shard)) is heard behind event"
                    + " \(behind)" + (reason.isEmpty ? "" : ": \(reason)"))
        case .described, .covered, .asked: return nil
        }
    }
}

extension SessionLink {
    /// What its results are recorded with.
    var version: Projector.SourceVersion {
        let model = [description.modelName, description.modelVersion, description.modelHash]
            .filter { !$0.isEmpty }.joined(separator: "@")
        return Projector.SourceVersion(
            version: description.version, model: model, parameterHash: description.parameterHash)
    }
}
