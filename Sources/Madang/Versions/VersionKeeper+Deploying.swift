import Host
import Platform
import Ports
import StrategyServers

/// Brings versions into the run in hand that it did not begin with.
extension VersionKeeper {
    /// - Returns: Of the strategy; `nil` where the entry's candidate is there, or none is to be brought.
    func indexToDeploy(_ entry: VersionFile.Entry) -> Int? {
        guard let deployed = entry.deployed,
            let index = strategies.firstIndex(where: { $0.name == entry.strategy }),
            state.withLock({ $0.candidates[entry.strategy]?.order }) ?? 0 < deployed.number
        else { return nil }
        return index
    }

    func deploy(_ entry: VersionFile.Entry, _ index: Int) {
        guard let deployed = entry.deployed else { return }
        guard let candidate = strategies[index].candidate(deployed, folder: folder) else {
            let isNew = state.withLock { state in
                defer { state.seen[entry.strategy] = entry.number }
                return state.seen[entry.strategy] != entry.number
            }
            if isNew {
                tell(
                    "the version that was deployed for \(entry.strategy) was for another"
                        + " configuration of it: it begins as configured now")
            }
            return
        }
        let bring: Bring? = state.withLock { state in
            guard state.coming[entry.strategy] != deployed.number, let bring = state.bring,
                state.seen[entry.strategy] != entry.number
            else { return nil }
            state.coming[entry.strategy] = deployed.number
            return bring
        }
        guard let bring else { return }
        Task { await self.deploy(candidate, of: entry.strategy, index, bring) }
    }

    private func deploy(
        _ candidate: CandidateSetting, of strategy: String, _ index: Int, _ bring: Bring
    ) async {
        do {
            let (part, joining) = try await bring(index, candidate)
            guard let entry = try file.entry(of: strategy), let plan = VersionPlan(entry.plan),
                entry.deployed?.number == candidate.order
            else {
                // Another was asked for meanwhile.
                end(part.session, "another version was asked for")
                state.withLock { $0.coming[strategy] = nil }
                return look()
            }
            let described = Self.words(joining.link.description)
            state.withLock { state in
                if let before = state.parts[strategy]?[.candidate]?.session {
                    state.replaced[strategy, default: []].append(before)
                }
                state.parts[strategy, default: [:]][.candidate] = part
                state.candidates[strategy] = candidate
                state.described[strategy] = described
                state.seen[strategy] = entry.number
                state.coming[strategy] = nil
            }
            var order = VersionRequest(
                number: entry.number, strategy: strategy, plan: plan, reason: entry.reason)
            order.joining = joining
            control.change(order)
            // What came meanwhile was about one that was not there yet.
            look()
        } catch {
            state.withLock { $0.coming[strategy] = nil }
            guard let entry = try? file.entry(of: strategy),
                entry.deployed?.number == candidate.order
            else { return look() }
            state.withLock { $0.seen[strategy] = entry.number }
            tell("\(candidate.name(of: strategy)) did not come: \(error)")
            answer(entry.number) { $0.refused = "it did not come: \(error)" }
        }
    }
}

extension VersionKeeper.State {
    /// Of a session, as people call it.
    func name(_ strategy: String, _ slot: VersionSlot) -> String {
        parts[strategy]?[slot]?.name
            ?? (slot == .main
                ? strategy
                : candidates[strategy]?.name(of: strategy) ?? strategy + " candidate")
    }
}
