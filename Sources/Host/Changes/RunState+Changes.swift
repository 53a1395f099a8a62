import Kernel
import Ports
import TradingModel

extension RunState {
    /// Takes the changes that are due, each between two steps.
    mutating func hearChanges(_ control: RunControl, entry: Timestamp) throws(RunFailure) {
        let (due, next) = control.takeChanges(behind: lastStep)
        nextChange = next
        for request in due {
            // From before a restart, and taken then.
            guard request.change.number > changes.last?.number ?? 0 else { continue }
            let moves = Moves(from: engine.kernel.plan, to: request.plan)
            if let refused = obstacle(to: moves) {
                guard request.behind == nil else {
                    throw RunFailure.log(
                        what: "change \(request.change.number) of the configuration: \(refused)",
                        advice: "undo what stands in its way, and start the run again")
                }
                control.changed(request.change, PlanAnswer(step: lastStep, refused: refused))
                continue
            }
            let answer = try take(request, moves, entry: entry)
            control.changed(request.change, answer)
        }
    }

    private mutating func take(
        _ request: PlanRequest, _ moves: Moves, entry: Timestamp
    ) throws(RunFailure) -> PlanAnswer {
        let position = EventPosition.endOfStep(lastStep)
        try recordBetween(entry: entry, at: position)
        do {
            try request.entrance.catchUp(through: lastStep, setup.recording, setup.market)
        } catch { throw .feed(error) }
        var left = left(outside: request.plan)
        engine.endVotes(outside: request.plan)
        // In one record with the change: no crash comes between them.
        let count = engine.withdrawBuys(forbiddenBy: request.plan)
        if count > 0 {
            left.append(
                "\(count) working buy\(count == 1 ? " is" : "s are") withdrawn by the account's state"
            )
        }
        try record(request.change, entry: entry) { state in
            state.layOut(request.entrance.take(), request.change)
        }
        if stopNewcomers() { try recordBetween(entry: entry, at: .endOfStep(lastStep)) }
        do { try setup.log.flush() } catch { throw .store(error) }
        move(
            moves, request.entrance.history, entry: Timestamp(nanoseconds: setup.clock.utc())
        ) { $0.push($1) }
        for line in request.change.words + left {
            setup.observer.notice(RunNotice(.change, time: time, text: line))
        }
        return PlanAnswer(step: lastStep, left: left)
    }

    private mutating func layOut(_ entrants: Entrants, _ change: PlanChange) {
        engine.kernel.layOut(entrants)
        follow(entrants.plan)
        dispatcher?.sourceNames = entrants.plan.sources.map(\.name)
        changes.append(change)
    }

    /// In recovery: a change of the log, behind the votes that it ended.
    mutating func restore(
        _ change: PlanChange, _ number: UInt64
    ) throws {
        let plan = try setup.replan(changes + [change])
        let moves = Moves(from: engine.kernel.plan, to: plan)
        let entrance = Entrance(
            plan, instead: engine.kernel.plan,
            inputs: moves.all.isEmpty || feeds.isEmpty ? [:] : historyInputs)
        try entrance.catchUp(through: lastStep, setup.recording, setup.market)
        layOut(entrance.take(), change)
        move(moves, entrance.history, entry: time) { $0.recall($1) }
        projector.take(change, at: behind, time: time, record: number)
        try keepRestoredRows(number)
    }

    /// What those who go leave behind: it stays, and nobody of them tends it any more.
    private func left(outside plan: KernelPlan) -> [String] {
        let kernel = engine.kernel.plan
        var lines: [String] = []
        for (index, source) in kernel.sources.enumerated() {
            let id = SourceID(index)
            let stays = Set(plan.attachments.filter { $0.source == id }.map(\.desk))
            let gone = kernel.attachments.filter { $0.source == id && !stays.contains($0.desk) }
            for desk in gone.map(\.desk) {
                let place =
                    "\(kernel.instruments[Int(desk.instrument.index)].symbol) in"
                    + " \(kernel.accounts[Int(desk.account.index)].name)"
                if let held = engine.kernel.position(of: desk)?.held, held != .zero {
                    let others = plan.attachments.filter { $0.desk == desk }.map {
                        plan.sources[Int($0.source.index)].name
                    }
                    let rest =
                        others.isEmpty
                        ? "nobody trades it any more"
                        : "left to \(Set(others).sorted().joined(separator: ", "))"
                    lines.append("\(source.name): \(held) of \(place) stay held, \(rest)")
                }
                for machine in engine.kernel.workingOrders()
                where machine.order.account == desk.account
                    && machine.order.instrument == desk.instrument
                    && projector.decision(of: machine.order.number)?.source == id
                {
                    lines.append(
                        "\(source.name): order \(machine.order.number) on \(place) stays in work")
                }
            }
        }
        return lines
    }
}

extension Attachment {
    fileprivate var desk: DeskKey { DeskKey(account: account, instrument: instrument) }
}
