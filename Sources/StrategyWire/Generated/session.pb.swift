// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/session.proto.
// Do not edit: change the .proto file and run Tools/generate.

/// Host to server. Order of a start: Configure, [SnapshotPart ...], (server: Ready), [WarmUp ...
/// (server: Ready)], then Events, with Beat, Acknowledged, Skipped between; Drain last: behind it
/// the host sends nothing.
package struct PBHostMessage: WireMessage {
    package static let protoName = "madang.strategy.v1.HostMessage"

    package var message: Message? = nil
    package var unknownFields = WireUnknownFields()

    package enum Message: Hashable, Sendable {
        case configure(PBConfigure)
        case snapshot(PBSnapshotPart)
        case warmUp(PBWarmUp)
        case events(PBEvents)
        case beat(PBBeat)
        case acknowledged(PBAcknowledged)
        case skipped(PBSkipped)
        case drain(PBDrain)
    }

    package init() {}

    package init(message: Message? = nil) {
        self.message = message
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var merged = PBConfigure()
                if case .configure(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .configure(merged)
            case 18:
                var merged = PBSnapshotPart()
                if case .snapshot(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .snapshot(merged)
            case 26:
                var merged = PBWarmUp()
                if case .warmUp(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .warmUp(merged)
            case 34:
                var merged = PBEvents()
                if case .events(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .events(merged)
            case 42:
                var merged = PBBeat()
                if case .beat(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .beat(merged)
            case 50:
                var merged = PBAcknowledged()
                if case .acknowledged(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .acknowledged(merged)
            case 58:
                var merged = PBSkipped()
                if case .skipped(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .skipped(merged)
            case 66:
                var merged = PBDrain()
                if case .drain(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .drain(merged)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        switch message {
        case .drain(let value): writer.put(value, tag: 66)
        case .skipped(let value): writer.put(value, tag: 58)
        case .acknowledged(let value): writer.put(value, tag: 50)
        case .beat(let value): writer.put(value, tag: 42)
        case .events(let value): writer.put(value, tag: 34)
        case .warmUp(let value): writer.put(value, tag: 26)
        case .snapshot(let value): writer.put(value, tag: 18)
        case .configure(let value): writer.put(value, tag: 10)
        case nil: break
        }
    }
}

/// Server to host. Before Ready only Failure and Log may come, and Drained from a server that was
/// told to stop; behind Drained nothing.
package struct PBServerMessage: WireMessage {
    package static let protoName = "madang.strategy.v1.ServerMessage"

    package var message: Message? = nil
    package var unknownFields = WireUnknownFields()

    package enum Message: Hashable, Sendable {
        case ready(PBReady)
        case results(PBResults)
        case watermark(PBWatermark)
        case snapshot(PBSnapshotPart)
        case failure(PBFailure)
        case log(PBLog)
        case drained(PBDrained)
    }

    package init() {}

    package init(message: Message? = nil) {
        self.message = message
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10:
                var merged = PBReady()
                if case .ready(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .ready(merged)
            case 18:
                var merged = PBResults()
                if case .results(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .results(merged)
            case 26:
                var merged = PBWatermark()
                if case .watermark(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .watermark(merged)
            case 34:
                var merged = PBSnapshotPart()
                if case .snapshot(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .snapshot(merged)
            case 42:
                var merged = PBFailure()
                if case .failure(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .failure(merged)
            case 50:
                var merged = PBLog()
                if case .log(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .log(merged)
            case 58:
                var merged = PBDrained()
                if case .drained(let present) = message {
                    merged = present
                    message = nil
                }
                try reader.merge(into: &merged)
                message = .drained(merged)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        switch message {
        case .drained(let value): writer.put(value, tag: 58)
        case .log(let value): writer.put(value, tag: 50)
        case .failure(let value): writer.put(value, tag: 42)
        case .snapshot(let value): writer.put(value, tag: 34)
        case .watermark(let value): writer.put(value, tag: 26)
        case .results(let value): writer.put(value, tag: 18)
        case .ready(let value): writer.put(value, tag: 10)
        case nil: break
        }
    }
}

/// The first message of a stream.
package struct PBConfigure: WireMessage {
    package static let protoName = "madang.strategy.v1.Configure"

    /// The revision of this contract in use.
    package var revision: UInt32 = 0
    /// Names the session; the same across reconnects and restarts of either side.
    package var session: String = ""
    /// Rises with each connection of the session. A server ends the older of two open streams with
    /// ABORTED, and refuses with ABORTED an epoch that is not higher than that of a stream still
    /// open.
    package var epoch: UInt64 = 0
    package var mode: PBConfigure.Mode = .unspecified
    /// Every parameter of Describe that the host overrides, checked against the schema.
    package var parameters: WireMap<String, String> = [:]
    /// SHA-256 over the parameters in force (every one of Describe, its default where not
    /// overridden) as `name=value` lines, each ended by a line feed, in byte order of the names;
    /// lower-case hex, first 16 characters. To a server it is only a name for them: the same hash,
    /// the same parameters.
    package var parameterHash: String = ""
    package var limits: PBLimits? = nil
    /// The instruments as of `watermark`; in BACKTEST, as of the session's first event. A server
    /// that lived on keeps the list it has.
    package var instruments: [PBInstrument] = []
    /// w: the last position closed by a watermark of this session; 0: none yet.
    package var watermark: UInt64 = 0
    /// The last position the host knows of. A server that stands beyond it has seen events the host
    /// lost; it must not claim them (see Ready.after).
    package var known: UInt64 = 0
    /// True if a snapshot for this version, model hash, parameter hash and format follows in parts.
    package var snapshotFollows: Bool = false
    /// The account, for a server that reads account state; empty otherwise.
    package var account: String = ""
    package var unknownFields = WireUnknownFields()

    package enum Mode: WireEnum {
        case unspecified
        /// Real orders.
        case live
        /// Live data, paper orders.
        case paper
        /// Recorded data at a chosen speed, paper orders.
        case replay
        /// Recorded data as fast as possible: the host waits for watermarks, so nothing is late.
        case backtest
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .live
            case 2: self = .paper
            case 3: self = .replay
            case 4: self = .backtest
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .live: 1
            case .paper: 2
            case .replay: 3
            case .backtest: 4
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(
        revision: UInt32 = 0,
        session: String = "",
        epoch: UInt64 = 0,
        mode: PBConfigure.Mode = .unspecified,
        parameters: WireMap<String, String> = [:],
        parameterHash: String = "",
        limits: PBLimits? = nil,
        instruments: [PBInstrument] = [],
        watermark: UInt64 = 0,
        known: UInt64 = 0,
        snapshotFollows: Bool = false,
        account: String = ""
    ) {
        self.revision = revision
        self.session = session
        self.epoch = epoch
        self.mode = mode
        self.parameters = parameters
        self.parameterHash = parameterHash
        self.limits = limits
        self.instruments = instruments
        self.watermark = watermark
        self.known = known
        self.snapshotFollows = snapshotFollows
        self.account = account
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: revision = try reader.read(WireUInt32.self)
            case 18: session = try reader.read(WireString.self)
            case 24: epoch = try reader.read(WireUInt64.self)
            case 32: mode = try reader.read(WireOpenEnum<PBConfigure.Mode>.self)
            case 42:
                try reader.entry(WireString.self, WireString.self, into: &parameters)
            case 50: parameterHash = try reader.read(WireString.self)
            case 58: try reader.merge(&limits)
            case 66: instruments.append(try reader.read(WireNested<PBInstrument>.self))
            case 73: watermark = try reader.read(WireFixed64.self)
            case 81: known = try reader.read(WireFixed64.self)
            case 88: snapshotFollows = try reader.read(WireBool.self)
            case 98: account = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, account, tag: 98)
        writer.write(WireBool.self, snapshotFollows, tag: 88)
        writer.write(WireFixed64.self, known, tag: 81)
        writer.write(WireFixed64.self, watermark, tag: 73)
        writer.repeated(WireNested<PBInstrument>.self, instruments, tag: 66)
        if let limits { writer.put(limits, tag: 58) }
        writer.write(WireString.self, parameterHash, tag: 50)
        writer.map(WireString.self, WireString.self, parameters, tag: 42)
        writer.write(WireOpenEnum<PBConfigure.Mode>.self, mode, tag: 32)
        writer.write(WireUInt64.self, epoch, tag: 24)
        writer.write(WireString.self, session, tag: 18)
        writer.write(WireUInt32.self, revision, tag: 8)
    }
}

/// What the host enforces. A breach is refused by name; several in a row quarantine the session.
package struct PBLimits: WireMessage {
    package static let protoName = "madang.strategy.v1.Limits"

    /// Bytes in one message, either way.
    package var messageBytes: UInt32 = 0
    /// Results for one position.
    package var resultsPerEvent: UInt32 = 0
    /// Results a second, averaged over ten seconds; 0: no limit (replay as fast as possible).
    package var resultsPerSecond: UInt32 = 0
    /// Bytes in one text field. A result with a longer text is refused; texts of Log and Failure
    /// are cut.
    package var textBytes: UInt32 = 0
    /// Log messages a second; more are counted and dropped.
    package var logsPerSecond: UInt32 = 0
    /// Events beyond the last watermark that the host sends before it waits (credit).
    package var credit: UInt32 = 0
    /// From the entry of an event to its result, ns; later results are recorded, never traded. 0:
    /// no deadline (replay as fast as possible).
    package var deadlineNs: Int64 = 0
    /// Bytes of a whole snapshot.
    package var snapshotBytes: UInt32 = 0
    /// As deadline_ns, for events of a kind that has another: candles that closed, timers, fills of
    /// the account; 0: deadline_ns. An event with a longer one than the event before it begins a
    /// message.
    package var candlesDeadlineNs: Int64 = 0
    package var timersDeadlineNs: Int64 = 0
    package var fillsDeadlineNs: Int64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        messageBytes: UInt32 = 0,
        resultsPerEvent: UInt32 = 0,
        resultsPerSecond: UInt32 = 0,
        textBytes: UInt32 = 0,
        logsPerSecond: UInt32 = 0,
        credit: UInt32 = 0,
        deadlineNs: Int64 = 0,
        snapshotBytes: UInt32 = 0,
        candlesDeadlineNs: Int64 = 0,
        timersDeadlineNs: Int64 = 0,
        fillsDeadlineNs: Int64 = 0
    ) {
        self.messageBytes = messageBytes
        self.resultsPerEvent = resultsPerEvent
        self.resultsPerSecond = resultsPerSecond
        self.textBytes = textBytes
        self.logsPerSecond = logsPerSecond
        self.credit = credit
        self.deadlineNs = deadlineNs
        self.snapshotBytes = snapshotBytes
        self.candlesDeadlineNs = candlesDeadlineNs
        self.timersDeadlineNs = timersDeadlineNs
        self.fillsDeadlineNs = fillsDeadlineNs
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: messageBytes = try reader.read(WireUInt32.self)
            case 16: resultsPerEvent = try reader.read(WireUInt32.self)
            case 24: resultsPerSecond = try reader.read(WireUInt32.self)
            case 32: textBytes = try reader.read(WireUInt32.self)
            case 40: logsPerSecond = try reader.read(WireUInt32.self)
            case 48: credit = try reader.read(WireUInt32.self)
            case 56: deadlineNs = try reader.read(WireInt64.self)
            case 64: snapshotBytes = try reader.read(WireUInt32.self)
            case 72: candlesDeadlineNs = try reader.read(WireInt64.self)
            case 80: timersDeadlineNs = try reader.read(WireInt64.self)
            case 88: fillsDeadlineNs = try reader.read(WireInt64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireInt64.self, fillsDeadlineNs, tag: 88)
        writer.write(WireInt64.self, timersDeadlineNs, tag: 80)
        writer.write(WireInt64.self, candlesDeadlineNs, tag: 72)
        writer.write(WireUInt32.self, snapshotBytes, tag: 64)
        writer.write(WireInt64.self, deadlineNs, tag: 56)
        writer.write(WireUInt32.self, credit, tag: 48)
        writer.write(WireUInt32.self, logsPerSecond, tag: 40)
        writer.write(WireUInt32.self, textBytes, tag: 32)
        writer.write(WireUInt32.self, resultsPerSecond, tag: 24)
        writer.write(WireUInt32.self, resultsPerEvent, tag: 16)
        writer.write(WireUInt32.self, messageBytes, tag: 8)
    }
}

/// History before the first event, oldest first. Never answered with results. The last part of a
/// full one is answered with Ready(after = position). A full one that the server did not ask for
/// means that what it needs is out of the host's reach: it drops its state and begins with this
/// history.
package struct PBWarmUp: WireMessage {
    package static let protoName = "madang.strategy.v1.WarmUp"

    /// Positions in it may lie before the session's first; `previous` is 0. Instrument changes in a
    /// full one, first and in parts of their own, say what joined or left since
    /// Configure.instruments: behind the last part the list is as of b.
    package var events: PBEvents? = nil
    /// True on the last part, which names position b.
    package var last: Bool = false
    /// b, at least Configure.watermark: nothing at or below it is sent again or accepted. Only on
    /// the last part of a full warm-up.
    package var position: UInt64 = 0
    /// Set, in every part, for a warm-up of instruments about to join: it comes among the events,
    /// before the change that adds them, holds events of these alone, counts with that change, and
    /// is not answered. Empty: a full one.
    package var instruments: [PBInstrument] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        events: PBEvents? = nil,
        last: Bool = false,
        position: UInt64 = 0,
        instruments: [PBInstrument] = []
    ) {
        self.events = events
        self.last = last
        self.position = position
        self.instruments = instruments
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.merge(&events)
            case 16: last = try reader.read(WireBool.self)
            case 25: position = try reader.read(WireFixed64.self)
            case 34: instruments.append(try reader.read(WireNested<PBInstrument>.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.repeated(WireNested<PBInstrument>.self, instruments, tag: 34)
        writer.write(WireFixed64.self, position, tag: 25)
        writer.write(WireBool.self, last, tag: 16)
        if let events { writer.put(events, tag: 10) }
    }
}

/// Every result up to `position` is safe with the host: a server may forget what it kept for
/// resending.
package struct PBAcknowledged: WireMessage {
    package static let protoName = "madang.strategy.v1.Acknowledged"

    package var position: UInt64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(position: UInt64 = 0) {
        self.position = position
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}

/// Travels in order behind the events and is answered at once by a Watermark that echoes it, also
/// where the position is an old one. Tells a silent server from an idle market. Has no position,
/// needs no credit.
package struct PBBeat: WireMessage {
    package static let protoName = "madang.strategy.v1.Beat"

    package var number: UInt64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(number: UInt64 = 0) {
        self.number = number
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: number = try reader.read(WireUInt64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireUInt64.self, number, tag: 8)
    }
}

/// Said in the place of events that the delivery policy left out. Only ticks, quotes and unfinished
/// candles are ever left out. Nothing is answered, and where the server stands does not change.
package struct PBSkipped: WireMessage {
    package static let protoName = "madang.strategy.v1.Skipped"

    /// Runs of positions, both ends inclusive, rising: behind the last event sent, and before the
    /// last event of the next Events message. Nothing within a run is sent.
    package var runs: [PBSkipped.Run] = []
    /// For people: "more than 64 events waited; the oldest were dropped".
    package var reason: String = ""
    package var unknownFields = WireUnknownFields()

    package struct Run: WireMessage {
        package static let protoName = "madang.strategy.v1.Skipped.Run"

        package var first: UInt64 = 0
        package var last: UInt64 = 0
        package var unknownFields = WireUnknownFields()

        package init() {}

        package init(first: UInt64 = 0, last: UInt64 = 0) {
            self.first = first
            self.last = last
        }

        package mutating func merge(from reader: inout WireReader) throws(WireError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 9: first = try reader.read(WireFixed64.self)
                case 17: last = try reader.read(WireFixed64.self)
                default: try reader.keep(tag, in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout WireWriter) {
            writer.write(unknownFields)
            writer.write(WireFixed64.self, last, tag: 17)
            writer.write(WireFixed64.self, first, tag: 9)
        }
    }

    package init() {}

    package init(runs: [PBSkipped.Run] = [], reason: String = "") {
        self.runs = runs
        self.reason = reason
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: runs.append(try reader.read(WireNested<PBSkipped.Run>.self))
            case 18: reason = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, reason, tag: 18)
        writer.repeated(WireNested<PBSkipped.Run>.self, runs, tag: 10)
    }
}

/// Finish what was sent, send results and the watermark, then Drained, within the time given.
package struct PBDrain: WireMessage {
    package static let protoName = "madang.strategy.v1.Drain"

    /// From receipt, ns.
    package var withinNs: Int64 = 0
    /// For people: "host stops", "version 2 takes over".
    package var reason: String = ""
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(withinNs: Int64 = 0, reason: String = "") {
        self.withinNs = withinNs
        self.reason = reason
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: withinNs = try reader.read(WireInt64.self)
            case 18: reason = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, reason, tag: 18)
        writer.write(WireInt64.self, withinNs, tag: 8)
    }
}

/// A part of at most 1 MiB of a server's own state after `position`, opaque to the host.
package struct PBSnapshotPart: WireMessage {
    package static let protoName = "madang.strategy.v1.SnapshotPart"

    package var position: UInt64 = 0
    /// The server's name for the encoding, so that another build can refuse it.
    package var format: String = ""
    /// From 0, without gaps.
    package var part: UInt32 = 0
    package var last: Bool = false
    package var data: [UInt8] = []
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        position: UInt64 = 0,
        format: String = "",
        part: UInt32 = 0,
        last: Bool = false,
        data: [UInt8] = []
    ) {
        self.position = position
        self.format = format
        self.part = part
        self.last = last
        self.data = data
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            case 18: format = try reader.read(WireString.self)
            case 24: part = try reader.read(WireUInt32.self)
            case 32: last = try reader.read(WireBool.self)
            case 42: data = try reader.read(WireBytes.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireBytes.self, data, tag: 42)
        writer.write(WireBool.self, last, tag: 32)
        writer.write(WireUInt32.self, part, tag: 24)
        writer.write(WireString.self, format, tag: 18)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}

/// Answers Configure, and the last part of a full warm-up.
package struct PBReady: WireMessage {
    package static let protoName = "madang.strategy.v1.Ready"

    /// Of the Configure it answers.
    package var epoch: UInt64 = 0
    /// As Describe said them. Another version or hash is another build, and is refused; another
    /// instance is a server that was started in between, and is described again.
    package var instanceID: String = ""
    package var version: String = ""
    package var modelHash: String = ""
    package var state: State? = nil
    package var unknownFields = WireUnknownFields()

    package enum State: Hashable, Sendable {
        /// s: the server's state stands after this position; the host goes on behind it. With s >
        /// Configure.watermark every result in (watermark, s] that was not acknowledged is sent
        /// again right behind this message, then Watermark(s), before anything else. s >
        /// Configure.known is refused. A fresh server that needs no history says
        /// Configure.watermark. In BACKTEST every fresh server says 0, and is fed each event of the
        /// session from its first, for a warm-up never stands in for positions of a run.
        case after(UInt64)
        /// The server has no state and wants history: WarmUp follows. Not in BACKTEST, where it
        /// means the same as `after` = 0.
        case needsWarmUp(Bool)
    }

    package init() {}

    package init(
        epoch: UInt64 = 0,
        instanceID: String = "",
        version: String = "",
        modelHash: String = "",
        state: State? = nil
    ) {
        self.epoch = epoch
        self.instanceID = instanceID
        self.version = version
        self.modelHash = modelHash
        self.state = state
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: epoch = try reader.read(WireUInt64.self)
            case 18: instanceID = try reader.read(WireString.self)
            case 26: version = try reader.read(WireString.self)
            case 34: modelHash = try reader.read(WireString.self)
            case 41: state = .after(try reader.read(WireFixed64.self))
            case 48: state = .needsWarmUp(try reader.read(WireBool.self))
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        switch state {
        case .needsWarmUp(let value): writer.put(WireBool.self, value, tag: 48)
        case .after(let value): writer.put(WireFixed64.self, value, tag: 41)
        case nil: break
        }
        writer.write(WireString.self, modelHash, tag: 34)
        writer.write(WireString.self, version, tag: 26)
        writer.write(WireString.self, instanceID, tag: 18)
        writer.write(WireUInt64.self, epoch, tag: 8)
    }
}

/// Every event up to `position` has been processed, and every result for it was sent before this.
/// At least one for each Events message and each Beat, and one after any callback that ends more
/// than 100 ms after the last watermark. Never backwards, never beyond the last event sent.
package struct PBWatermark: WireMessage {
    package static let protoName = "madang.strategy.v1.Watermark"

    package var position: UInt64 = 0
    /// The highest Beat received so far; 0: none.
    package var beat: UInt64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(position: UInt64 = 0, beat: UInt64 = 0) {
        self.position = position
        self.beat = beat
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            case 16: beat = try reader.read(WireUInt64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireUInt64.self, beat, tag: 16)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}

/// A callback failed at `position`.
package struct PBFailure: WireMessage {
    package static let protoName = "madang.strategy.v1.Failure"

    package var position: UInt64 = 0
    /// False: the server ends the session; true: it went on with the next event.
    package var recoverable: Bool = false
    /// For the operator alone. No secrets.
    package var message: String = ""
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(position: UInt64 = 0, recoverable: Bool = false, message: String = "") {
        self.position = position
        self.recoverable = recoverable
        self.message = message
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            case 16: recoverable = try reader.read(WireBool.self)
            case 26: message = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, message, tag: 26)
        writer.write(WireBool.self, recoverable, tag: 16)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}

/// A line for the host's log.
package struct PBLog: WireMessage {
    package static let protoName = "madang.strategy.v1.Log"

    package var level: PBLog.Level = .unspecified
    package var text: String = ""
    package var unknownFields = WireUnknownFields()

    package enum Level: WireEnum {
        case unspecified
        case debug
        case info
        case warning
        case error
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .debug
            case 2: self = .info
            case 3: self = .warning
            case 4: self = .error
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .debug: 1
            case .info: 2
            case .warning: 3
            case .error: 4
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(level: PBLog.Level = .unspecified, text: String = "") {
        self.level = level
        self.text = text
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: level = try reader.read(WireOpenEnum<PBLog.Level>.self)
            case 18: text = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, text, tag: 18)
        writer.write(WireOpenEnum<PBLog.Level>.self, level, tag: 8)
    }
}

/// The last message: nothing follows, and the server forgets the session. `position`: the last one
/// processed. Answers Drain; unasked it says that the server itself was told to stop.
package struct PBDrained: WireMessage {
    package static let protoName = "madang.strategy.v1.Drained"

    package var position: UInt64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(position: UInt64 = 0) {
        self.position = position
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}
