import StrategyWire
import TradingModel

extension SessionRules {
    // MARK: Identity

    func resultsAreOfEventsSent() -> [Fault] {
        var sent: Set<UInt64> = []
        var faults: [Fault] = []
        for (entry, _) in transcript.entries {
            switch entry {
            case .sent(.events(let events)): sent.formUnion(events.positions)
            case .heard(.results(let message)):
                for result in message.results where !sent.contains(result.position) {
                    faults.append(
                        Fault("a result for \(words(result.position)), which was not sent"))
                }
            default: break
            }
        }
        return faults
    }

    func resultsComeBeforeTheirWatermark() -> [Fault] {
        var closed: UInt64 = 0
        var faults: [Fault] = []
        for (entry, _) in transcript.entries {
            switch entry {
            case .heard(.watermark(let mark)): closed = max(closed, mark.position)
            case .heard(.results(let message)):
                for result in message.results where result.position <= closed {
                    faults.append(
                        Fault(
                            "a result for \(words(result.position)) behind the watermark"
                                + " \(words(closed))"))
                }
                closed = max(closed, message.watermark ?? 0)
            default: break
            }
        }
        return faults
    }

    func resultsRise() -> [Fault] {
        var last: UInt64 = 0
        return transcript.results.compactMap { result in
            defer { last = max(last, result.position) }
            return result.position < last
                ? Fault("a result for \(words(result.position)) after one for \(words(last))") : nil
        }
    }

    func indexesCountFromZero() -> [Fault] {
        var next: [Place: UInt32] = [:]
        return transcript.results.compactMap { result in
            let place = Place(position: result.position, instrument: result.instrument)
            let due = next[place] ?? 0
            next[place] = max(due, result.index) &+ 1
            return result.index == due
                ? nil
                : Fault(
                    "index \(result.index) at \(words(result.position)) of instrument"
                        + " \(result.instrument), where \(due) was due")
        }
    }

    private struct Place: Hashable {
        let position: UInt64
        let instrument: UInt32
    }

    // MARK: Content

    func instrumentsAreKnown() -> [Fault] {
        transcript.results.compactMap { result in
            instruments.contains(result.instrument)
                ? nil
                : Fault(
                    "a result of instrument \(result.instrument); the session has"
                        + " \(instruments.sorted().map(String.init).joined(separator: ", "))")
        }
    }

    /// Actions, sizes, prices and confidences, as the host itself reads them.
    func valuesAreInRange() -> [Fault] {
        refusals().filter { !Self.texts.contains($0.field) }.map { Fault("\($0)") }
    }

    func textsAreShort() -> [Fault] {
        refusals().filter { Self.texts.contains($0.field) }.map { Fault("\($0)") }
    }

    private static let texts: Set<String> = ["message", "reasons", "tags"]

    private func refusals() -> [ResultError] {
        transcript.results.compactMap { result in
            do throws(ResultError) {
                _ = try StrategyResult(result, textBytes: textBytes)
                return nil
            } catch { return error }
        }
    }

    func noEventIsFlooded() -> [Fault] {
        var counts: [UInt64: Int] = [:]
        for result in transcript.results { counts[result.position, default: 0] += 1 }
        return counts.filter { $0.value > resultsPerEvent }.sorted { $0.key < $1.key }.map {
            Fault("\($0.value) results for \(words($0.key)); \(resultsPerEvent) are taken")
        }
    }

    // MARK: Failures

    /// A Failure names an event that was sent and has words within the limit.
    func failuresAreToldWell() -> [Fault] {
        var sent: Set<UInt64> = [0]
        var faults: [Fault] = []
        for (entry, _) in transcript.entries {
            switch entry {
            case .sent(.events(let events)): sent.formUnion(events.positions)
            case .sent(.warmUp(let part)): sent.formUnion(part.events?.positions ?? [])
            case .heard(.failure(let failure)):
                if !sent.contains(failure.position) {
                    faults.append(
                        Fault("a Failure at \(words(failure.position)), which was not sent"))
                }
                if failure.message.isEmpty { faults.append(Fault("a Failure without words")) }
            default: break
            }
        }
        return faults
    }
}

/// Two runs over the same events.
enum SameResults {
    /// - Returns: The first difference in words; none when they are the same.
    static func faults(_ results: [PBResult], _ other: [PBResult], _ what: String) -> [Fault] {
        for (one, two) in zip(results, other) where one != two {
            if one.position == two.position {
                return [
                    Fault(
                        "another result for \(words(one.position)) of instrument"
                            + " \(one.instrument) \(what)"
                    )
                ]
            }
            return [
                Fault("results for \(words(one.position)) here and \(words(two.position)) \(what)")
            ]
        }
        guard results.count != other.count else { return [] }
        return [Fault("\(counted(results.count, "result")) here and \(other.count) \(what)")]
    }
}
