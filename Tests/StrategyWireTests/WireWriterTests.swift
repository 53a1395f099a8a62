import StrategyWire
import Testing

@Suite struct WireWriterTests {
    @Test func isEmptyAgainAfterAReset() {
        var writer = WireWriter(capacity: 64)
        let small = PBBeat(number: 3)
        for size in [0, 10, 100_000, 3] {
            writer.reset(keeping: 1_000)
            let part = PBSnapshotPart(data: [UInt8](repeating: 7, count: size))
            part.write(to: &writer)
            #expect(writer.bytes == part.encoded())
            #expect(writer.count == part.encoded().count)
        }
        writer.reset()
        small.write(to: &writer)
        #expect(writer.bytes == [0x08, 3])
    }

    @Test func writesInFrontOfWhatIsThere() {
        var writer = WireWriter()
        PBBeat(number: 1).write(to: &writer)
        PBBeat(number: 2).write(to: &writer)
        #expect(writer.bytes == [0x08, 2, 0x08, 1])
    }

    @Test func pathsNameServiceAndMethod() {
        #expect(PBStrategyServer.runPath == "/madang.strategy.v1.StrategyServer/Run")
        #expect(PBStrategyServer.describePath == "/madang.strategy.v1.StrategyServer/Describe")
        #expect(PBHealth.checkPath == "/grpc.health.v1.Health/Check")
    }
}
