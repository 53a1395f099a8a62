import Glibc
import TestKit
import Testing

@testable import Platform

@Suite struct ProcessEndTests {
    private func end(_ exit: ProcessExit, _ change: (inout ProcessEnd) -> Void = { _ in }) -> String
    {
        var end = ProcessEnd(exit)
        change(&end)
        return "\(end)"
    }

    @Test(
        arguments: [
            (.code(0), "ended with code 0"), (.code(1), "ended with code 1"),
            (.code(126), "cannot be run"), (.code(127), "a command was not found"),
            (.code(137), "ended by signal 9 (SIGKILL)"),
            (.signal(SIGKILL), "not by this host"), (.signal(SIGTERM), "somebody asked it to end"),
            (.signal(SIGSEGV), "crashed (segmentation fault): a native library of the server"),
            (.signal(SIGILL), "another processor"), (.signal(SIGABRT), "it gave up"),
            (.signal(SIGBUS), "bus error"), (.signal(63), "was ended by signal 63"),
        ] as [(ProcessExit, String)])
    func exitsAreExplained(_ exit: ProcessExit, _ words: String) {
        #expect(end(exit).contains(words))
        #expect(end(exit).hasPrefix("\(exit)"))
    }

    @Test func whatTheHostKnowsComesFirst() {
        let excess = MemoryExcess(resident: 2_469_606_195, limit: 2 << 30)
        #expect(
            end(.signal(SIGKILL)) { $0.excess = excess }
                == "was killed by the host: 2.3 GiB resident, its limit is 2 GiB (memory)")
        #expect(end(.signal(SIGKILL)) { $0.sawMemoryShortage = true }.contains("ran out of memory"))
        #expect(end(.signal(SIGKILL)) { $0.wasAsked = true }.contains("did not end"))
        #expect(end(.signal(SIGTERM)) { $0.wasAsked = true }.contains("the host had asked"))
        #expect(
            end(.code(1)) { $0.lastWords = "ValueError: no" } == "ended with code 1: ValueError: no"
        )
    }

    /// A limit that was passed by a little does not read as if it were kept.
    @Test func aLittleTooMuchIsStillMore() {
        let excess = MemoryExcess(resident: (2 << 30) + 4_096, limit: 2 << 30)
        #expect("\(excess)" == "2,097,156 KiB resident, its limit is 2 GiB (memory)")
        let kernels = MemoryExcess(resident: 2 << 30, limit: 2 << 30)
        #expect("\(kernels)" == "it needed more than its limit of 2 GiB (memory)")
    }
}

@Suite struct LastWordsTests {
    private func found(_ text: String) -> String? {
        var words = LastWords()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            Array(line.utf8).withUnsafeBytes { words.heard($0) }
        }
        return words.found
    }

    private let plain = """
        starting
        Traceback (most recent call last):
          File "model.py", line 3, in <module>
            load()
            ~~~~^^
          File "model.py", line 1, in load
            raise ValueError("no weights")
        ValueError: no weights
        """

    @Test func aTracebackEndsWithTheReason() {
        #expect(found(plain) == "ValueError: no weights")
        #expect(found("nothing of the kind") == nil)
        #expect(found("") == nil)
    }

    @Test func theLastOfSeveralCounts() {
        let chained =
            plain + """


                During handling of the above exception, another exception occurred:

                Traceback (most recent call last):
                  File "model.py", line 9, in <module>
                KeyError: 'weights'
                """
        #expect(found(chained) == "KeyError: 'weights'")
    }

    /// One that was logged long before the end is not why it ended.
    @Test func anOldOneIsNoReason() {
        let lines = (0..<6).map { "line \($0)" }.joined(separator: "\n")
        #expect(found(plain + "\n" + lines) == nil)
        #expect(found(plain + "\nsys.excepthook is missing") == "ValueError: no weights")
    }

    /// What Python 3.11 writes of a group of exceptions.
    @Test func groupsAreReadThroughTheirFrame() {
        let group = """
              + Exception Group Traceback (most recent call last):
              |   File "s.py", line 12, in <module>
              |     asyncio.run(main())
              | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
              +-+---------------- 1 ----------------
                | Traceback (most recent call last):
                |   File "s.py", line 5, in work
                |     raise OSError("no port")
                | OSError: no port
                +------------------------------------
            """
        #expect(found(group) == "OSError: no port")
    }

    @Test(arguments: seeds(0..<50))
    func junkDoesNoHarmAndIsBounded(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var words = LastWords()
        for _ in 0..<200 {
            let head =
                random.next() % 4 == 0 ? Array("Traceback (most recent call last):".utf8) : []
            let junk = (0..<Int(random.next() % 2_000)).map { _ in
                UInt8(truncatingIfNeeded: random.next())
            }
            (junk.prefix(3) + head + (head.isEmpty ? junk : [])).withUnsafeBytes { words.heard($0) }
            #expect((words.found ?? "").utf8.count <= 3 * 500)
        }
    }
}
