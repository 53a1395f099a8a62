import Kernel
import TradingModel

/// The kernel's; the name alone is the testing library's too.
typealias Attached = Attachment

/// Feeds a stage as a recording does: the timers that are due, then the row.
func drive(_ stage: inout MarketStage, _ inputs: [MarketInput]) -> [MarketEvent] {
    var events: [MarketEvent] = []
    for input in inputs {
        let opening =
            if case .candle(let candle) = input { candle.openTime } else { input.time }
        while let timer = stage.timerDue(before: opening) { stage.takeTimer(timer, into: &events) }
        stage.take(input, into: &events)
    }
    return events
}

func drive(_ plan: MarketPlan, _ inputs: [MarketInput]) -> [MarketEvent] {
    var stage = MarketStage(plan)
    return drive(&stage, inputs)
}

extension [MarketEvent] {
    var candles: [Candle] {
        compactMap { event in
            if case .candle(let candle) = event.kind { candle } else { nil }
        }
    }
    var timers: [Timestamp] {
        compactMap { event in
            if case .timer(let time, _) = event.kind { time } else { nil }
        }
    }
    /// Kinds in order, as letters: t, q, c, i.
    var letters: String {
        map { event in
            switch event.kind {
            case .tick: "t"
            case .quote: "q"
            case .candle: "c"
            case .timer: "i"
            }
        }.joined()
    }
}
