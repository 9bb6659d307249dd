using System.Diagnostics;
using System.Globalization;
using System.Text;
using Millpond.Resp.Configuration;
using Millpond.Resp.Frames;
using Millpond.Resp.Probing;
using Millpond.Resp.Tests.Frames;

namespace Millpond.Resp.Tests.Fuzzing;

/// <summary>
/// Bytes that nobody would send in good faith. The short form runs with all tests; a campaign is the same with more time and another seed:
/// <c>MILLPOND_FUZZ_SECONDS=3600 MILLPOND_FUZZ_SEED=7 ./test --filter Fuzzing</c>. A finding names its seed and round; the bytes are in the message.
/// </summary>
public class Fuzzing
{
    private const int ShortRounds = 30_000;
    private static readonly RespLimits Limits = new() { FrameBytesMax = 1 << 20, ElementsMax = 100_000 };

    [Fact]
    public void No_bytes_make_the_frame_scanner_or_the_reader_fail_otherwise_than_by_saying_so() => Run("frames.txt", (bytes, random) =>
    {
        var (whole, refused) = (new List<byte[]>(), false);
        try
        {
            whole = Trees.Scan(bytes, [], Limits);
        }
        catch (RespException violation) when (violation.Code == RespErrorCode.ProtocolViolation)
        {
            refused = true;
        }

        AssertSameInPieces(bytes, random, whole, refused);

        // What the scanner lets through, the reader reads to the end.
        foreach (var frame in whole)
        {
            Trees.Read(frame);
            var reader = new RespReader(frame);
            reader.ReadNext();
            RespValue.Read(ref reader);
        }

        ReadUnscanned(bytes);
    });

    [Fact]
    public void No_text_makes_the_configuration_fail_otherwise_than_by_listing_faults() => Run("configurations.txt", (bytes, _) =>
    {
        try
        {
            Assert.NotEmpty(RespOptions.Parse(Encoding.UTF8.GetString(bytes)).Endpoints);
        }
        catch (RespException faults) when (faults.Code == RespErrorCode.InvalidConfiguration)
        {
            // As it should be.
        }
    });

    [Fact]
    public void No_report_of_a_server_makes_the_probe_fail() => Run("reports.txt", (bytes, _) =>
    {
        var text = Encoding.UTF8.GetString(bytes);
        Assert.Equal("n", ServerReport.Read("n", null, text, text).Node);
    });

    private static void AssertSameInPieces(byte[] bytes, Random random, List<byte[]> whole, bool refused)
    {
        List<byte[]> pieces = [];
        var scanner = default(FrameScanner);
        var begin = 0;
        try
        {
            for (var end = 0; end <= bytes.Length; end = end == bytes.Length ? end + 1 : Math.Min(bytes.Length, end + random.Next(1, 40)))
            {
                while (scanner.TryFinish(bytes.AsSpan(begin, end - begin), Limits, out var length))
                {
                    pieces.Add(bytes[begin..(begin + length)]);
                    begin += length;
                }
            }

            // Whole, the bytes may be refused before their frames are handed out: the scan below collects none then.
            Assert.False(refused);
            Assert.Equal(whole, pieces);
        }
        catch (RespException violation) when (violation.Code == RespErrorCode.ProtocolViolation)
        {
            Assert.True(refused);
        }
    }

    private static void ReadUnscanned(byte[] bytes)
    {
        try
        {
            var reader = new RespReader(bytes);
            for (var left = bytes.Length + 1; reader.Read(); left--)
            {
                Assert.True(left > 0, "The reader does not come forward.");
            }
        }
        catch (RespException violation) when (violation.Code == RespErrorCode.ProtocolViolation)
        {
            // As it should be.
        }
    }

    private static void Run(string corpusName, Action<byte[], Random> check)
    {
        var seed = Number("MILLPOND_FUZZ_SEED") ?? 20_261;
        var seconds = Number("MILLPOND_FUZZ_SECONDS") ?? 0;
        var (mutations, started, round) = (new Mutations(seed, Corpus(corpusName)), Stopwatch.GetTimestamp(), 0L);
        var byteCount = 0L;
        for (; seconds == 0 ? round < ShortRounds : Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; round++)
        {
            var bytes = mutations.Next();
            byteCount += bytes.Length;
            try
            {
                check(bytes, mutations.Random);
            }
            catch (Exception finding)
            {
                Assert.Fail($"Seed {seed}, round {round}, bytes \"{Convert.ToHexString(bytes)}\": {finding}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{corpusName}: seed {seed}, {round} rounds, {byteCount} bytes, no finding.");
    }

    // One sample a line, with \r, \n and \\ written out: a text file that a reviewer can read.
    private static byte[][] Corpus(string name) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", name)).Where(l => l.Length > 0 && l[0] != ';')
            .Select(l => Encoding.UTF8.GetBytes(l.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal))),
    ];

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
