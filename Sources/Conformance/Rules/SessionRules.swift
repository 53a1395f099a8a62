import StrategyWire
import TradingModel

/// Rules that hold on every stream, held against a transcript. Nothing here has a clock or a
/// server.
struct SessionRules {
    let transcript: Transcript
    /// Numbers of the session's instruments.
    let instruments: Set<UInt32>
    let textBytes: Int
    let resultsPerEvent: Int

    /// Reads what was agreed out of the Configure that was sent.
    init(_ transcript: Transcript) {
        self.transcript = transcript
        var configure = PBConfigure()
        for case .sent(.configure(let sent)) in transcript.entries.map(\.entry) {
            configure = sent
            break
        }
        instruments = Set(configure.instruments.map(\.number))
        textBytes = Int(configure.limits?.textBytes ?? 1_024)
        resultsPerEvent = Int(configure.limits?.resultsPerEvent ?? 64)
    }

    // MARK: Order of messages

    func onlyFailureAndLogBeforeReady() -> [Fault] {
        for (entry, _) in transcript.entries {
            guard case .heard(let message) = entry else { continue }
            switch message {
            case .ready: return []
            case .log, .failure: continue
            default: return [Fault("\(message.noun) came before Ready")]
            }
        }
        return []
    }

    /// One for Configure, one for each last part of a warm-up.
    func noReadyUnasked() -> [Fault] {
        var asked = 0
        var heard = 0
        for (entry, _) in transcript.entries {
            switch entry {
            case .sent(.configure): asked += 1
            case .sent(.warmUp(let part)) where part.last: asked += 1
            case .heard(.ready):
                heard += 1
                if heard > asked {
                    return [Fault("Ready number \(heard), where \(asked) were due")]
                }
            default: break
            }
        }
        return []
    }

    func nothingBehindDrained() -> [Fault] {
        var isOver = false
        for (entry, _) in transcript.entries {
            guard case .heard(let message) = entry else { continue }
            if isOver { return [Fault("\(message.noun) came behind Drained")] }
            if case .drained = message { isOver = true }
        }
        return []
    }

    func everyMessageIsKnown() -> [Fault] {
        transcript.entries.compactMap { entry in
            if case .damaged(let why) = entry.entry { Fault(why) } else { nil }
        }
    }

    // MARK: Watermarks

    func watermarksNeverGoBack() -> [Fault] {
        var last: UInt64 = 0
        return marks().compactMap { mark in
            defer { last = max(last, mark.position) }
            return mark.position < last
                ? Fault("watermark \(words(mark.position)) after \(words(last))") : nil
        }
    }

    func watermarksStayBehindWhatWasSent() -> [Fault] {
        marks().compactMap { mark in
            mark.position > mark.sent
                ? Fault(
                    "watermark \(words(mark.position)), where the last event sent was"
                        + " \(words(mark.sent))") : nil
        }
    }

    /// Each message of events has a watermark of exactly its last position.
    func everyMessageIsAnswered() -> [Fault] {
        let closed = Set(marks().map(\.position))
        return transcript.entries.compactMap { entry in
            guard case .sent(.events(let events)) = entry.entry,
                let last = events.positions.last, !closed.contains(last)
            else { return nil }
            return Fault(
                "no watermark \(words(last)) for the message of"
                    + " \(counted(Int(events.count), "event")) that ends there")
        }
    }

    /// With the last position known to be sent when each was heard: where Ready stands counts too.
    private func marks() -> [(position: UInt64, sent: UInt64)] {
        var sent: UInt64 = 0
        var marks: [(position: UInt64, sent: UInt64)] = []
        for (entry, _) in transcript.entries {
            switch entry {
            case .sent(.events(let events)): sent = max(sent, events.positions.last ?? 0)
            case .heard(.ready(let ready)):
                if case .after(let position) = ready.state { sent = max(sent, position) }
            case .heard(.watermark(let mark)): marks.append((mark.position, sent))
            case .heard(.results(let results)):
                if let position = results.watermark { marks.append((position, sent)) }
            default: break
            }
        }
        return marks
    }
}

extension PBEvents {
    /// Of every row, rising.
    var positions: [UInt64] {
        var offsets = ticks?.offset ?? []
        offsets += quotes?.offset ?? []
        offsets += candles?.offset ?? []
        offsets += timers?.offset ?? []
        offsets += accountUpdates?.offset ?? []
        offsets += instrumentChanges?.offset ?? []
        return offsets.map { previous &+ $0 }.sorted()
    }
}
