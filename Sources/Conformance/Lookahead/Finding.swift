/// What a result depended on besides the events up to its own.
package enum LookaheadCause: String, Hashable, Sendable, CaseIterable {
    /// Equal replays at the same moment differ.
    case chance
    /// Equal replays at other times, at another pace, or under another clock differ.
    case clock
    /// Equal replays in another process differ.
    case process
    /// A session says other things when an earlier one has seen the same events.
    case memory
    /// What follows an event changes what is said of it, or whether it is answered at all.
    case future
    /// The same events in other messages give other results.
    case ends
    /// The server has the recording from elsewhere.
    case recording

    /// For people: `depends on ...`.
    package var words: String {
        switch self {
        case .chance: "depends on chance"
        case .clock: "depends on the clock on the wall"
        case .process: "depends on the process it runs in"
        case .memory: "depends on what an earlier session has seen"
        case .future: "depends on the future"
        case .ends: "depends on where messages end"
        case .recording: "knows the recording from elsewhere"
        }
    }

    /// What to look for in the server.
    package var next: String {
        switch self {
        case .chance:
            "look for random numbers without a seed of their own, threads that race, and state that"
                + " sessions share"
        case .clock:
            "take the time from the events (feed and entry times), never from the machine's clock or"
                + " its time zone"
        case .process:
            "look for loops over sets or hashes, process ids, and files left by an earlier start"
        case .memory: "keep state in the session, and forget it with the session"
        case .future:
            "answer each message when it has come, and judge a row by rows at or before it alone"
        case .ends:
            "judge each event alone, in order of position; a message is no unit of anything"
        case .recording:
            "if it looks at the year or at the hour alone, say --allow recording; else look for a file,"
                + " a table or weights made of the days that are replayed"
        }
    }
}

/// The first event of which other things were said than should have been.
package struct LookaheadFinding: Hashable, Sendable {
    package let cause: LookaheadCause
    /// `step.index`
    package let position: String
    /// ns since 1970.
    package let time: Int64
    package let symbol: String
    /// Its place among the events that were sent, from 1.
    package let event: Int
    /// How the two replays were made, and what was said of the event in each.
    package let with: (how: String, said: String)
    package let without: (how: String, said: String)

    package static func == (one: Self, other: Self) -> Bool {
        one.cause == other.cause && one.position == other.position && one.symbol == other.symbol
            && one.with == other.with && one.without == other.without
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(cause)
        hasher.combine(position)
    }
}

/// One question about look-ahead, and what it came to.
package struct LookaheadAnswer: Sendable {
    package enum Verdict: Sendable {
        case good(String)
        case found(LookaheadFinding)
        case notAsked(why: String, next: String)
    }
    package let question: LookaheadQuestion
    package let verdict: Verdict
    /// ns.
    package let took: Int64
}

/// In the order in which they are asked.
package enum LookaheadQuestion: String, Hashable, Sendable, CaseIterable {
    case sideBySide = "side-by-side"
    case again
    case slowly
    case oneByOne = "one-by-one"
    case otherEnds = "other-ends"
    case cutOff = "cut-off"
    case anotherYear = "another-year"
    case otherPrices = "other-prices"
    case newProcess = "new-process"
    case elsewhere

    /// What is done, for people.
    package var sent: String {
        switch self {
        case .sideBySide: "the recording to two sessions, message by message"
        case .again: "the recording again"
        case .slowly: "the recording with pauses"
        case .oneByOne: "each event alone, answered before the next is sent"
        case .otherEnds: "the recording in messages that end elsewhere"
        case .cutOff: "the recording cut off, and with another future behind the cut"
        case .anotherYear: "the recording moved by 28 years"
        case .otherPrices: "other prices and quantities behind the first quarter"
        case .newProcess: "the recording to a new process"
        case .elsewhere: "the recording to a process with another clock and time zone"
        }
    }
}
