import StrategyWire

/// Every check, in the order in which they are asked.
package enum Conformance {
    package static let checks: [Check] =
        DescribeChecks.all + OpeningChecks.all + EventChecks.all + WatermarkChecks.all
        + ResultChecks.all + ResumeChecks.all + WarmUpChecks.all + InstrumentChecks.all
        + DrainChecks.all + SnapshotChecks.all + RobustnessChecks.all + ProcessChecks.all

    /// Without these the others have nothing to ask.
    package static let needed = ["describe-answers", "session-opens"]
}

/// What one check came to.
package struct Outcome: Sendable {
    package let check: Check
    package let verdict: Verdict
    /// ns.
    package let took: Int64
}

extension Workbench {
    /// Asks the checks in turn. Where a needed one is wrong, the rest is not applicable.
    ///
    /// - Parameters:
    ///   - willAsk: Hears of each before it is asked.
    ///   - tell: Hears of each as it is answered.
    package func run(
        _ checks: [Check], willAsk: (Check) -> Void = { _ in }, tell: (Outcome) -> Void = { _ in }
    ) async -> [Outcome] {
        var outcomes: [Outcome] = []
        var broken: String?
        for check in checks where !Task.isCancelled {
            willAsk(check)
            let start = clock.monotonic()
            let verdict: Verdict
            if let broken {
                verdict = .notApplicable(
                    why: "not asked, for '\(broken)' is wrong", next: "mend that first")
            } else {
                verdict = await answer(check)
            }
            if case .wrong = verdict, Conformance.needed.contains(check.name) {
                broken = broken ?? check.name
            }
            let outcome = Outcome(
                check: check, verdict: verdict, took: clock.monotonic() - start)
            outcomes.append(outcome)
            tell(outcome)
        }
        return outcomes
    }

    private func answer(_ check: Check) async -> Verdict {
        begin(check.name)
        let verdict: Verdict
        do {
            verdict = try await check.ask(self)
        } catch let obstacle as Obstacle {
            verdict = .wrong(sent: obstacle.sent, came: obstacle.came)
        } catch let reason as NotApplicable {
            verdict = .notApplicable(why: reason.why, next: reason.next)
        } catch {
            verdict = .wrong(sent: "the check", came: "\(error)")
        }
        await tidyUp()
        return verdict
    }
}
