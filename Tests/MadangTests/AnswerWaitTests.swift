import Foundation
import Platform
import TestKit
import Testing

@testable import Madang

/// How a command waits for its host.
@Suite struct AnswerWaitTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/wait-\(UUID().uuidString)"

    private func inFolder(_ body: (String) throws -> Void) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func whatIsWrittenMeanwhileIsTheAnswer() throws {
        try inFolder { folder in
            let wait = AnswerWait(folder, patience: 60_000_000_000)
            let path = folder + "/answer"
            var looks = 0
            let answer = try wait.first { () -> String? in
                looks += 1
                // Behind the first look, from elsewhere.
                if looks == 1 {
                    HostThread.start(named: "host") {
                        try? Data("heard".utf8).write(to: URL(fileURLWithPath: path))
                    }
                    return nil
                }
                let text = FileManager.default.contents(atPath: path)
                return text.map { String(decoding: $0, as: UTF8.self) }
                    .flatMap { $0.isEmpty ? nil : $0 }
            }
            #expect(answer == "heard" && looks > 1)
        }
    }

    /// It may have ended right behind its answer.
    @Test func aHostThatHasGoneIsLookedForOnceMore() throws {
        try inFolder { folder in
            var (looks, questions) = (0, 0)
            let isThere = {
                questions += 1
                return false
            }
            let nothing = try AnswerWait(folder).first(while: isThere) { () -> Int? in
                looks += 1
                return nil
            }
            #expect(nothing == nil && looks == 1 && questions == 1)
            #expect(try AnswerWait(folder).first(while: isThere) { 7 } == 7)
        }
    }

    @Test func patienceEnds() throws {
        try inFolder { folder in
            var looks = 0
            let answer = try AnswerWait(folder, patience: 20_000_000).first { () -> Int? in
                looks += 1
                return nil
            }
            #expect(answer == nil && looks >= 2)
        }
    }
}
