namespace Millpond.Resp.Tests.Fuzzing;

/// <summary>Changes bytes the way a broken or hostile peer might: a bit, a run, a length, a piece of another sample.</summary>
internal sealed class Mutations(int seed, IReadOnlyList<byte[]> corpus)
{
    private static readonly byte[][] Tokens =
    [
        .. new[] { "\r\n", "$-1\r\n", "*-1\r\n", "_\r\n", "*0\r\n", "|1\r\n", ">2\r\n", "%1\r\n", "$2147483647\r\n", "*2147483647\r\n", "$9223372036854775807\r\n", "%1073741824\r\n", "-", "\n", "$", "*" }
            .Select(System.Text.Encoding.Latin1.GetBytes),
    ];

    public Random Random { get; } = new(seed);

    public byte[] Next()
    {
        var bytes = corpus[Random.Next(corpus.Count)].ToList();
        for (var i = Random.Next(1, 6); i > 0; i--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = Random.Next(bytes.Count + 1);
        switch (Random.Next(7))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << Random.Next(8)); break;
            case 1 when at < bytes.Count: bytes[at] = (byte)Random.Next(256); break;
            case 2: bytes.RemoveRange(at, Math.Min(Random.Next(8), bytes.Count - at)); break;
            case 3: bytes.InsertRange(at, Tokens[Random.Next(Tokens.Length)]); break;
            case 4: bytes.RemoveRange(at, bytes.Count - at); break;
            case 5: Splice(bytes, at, corpus[Random.Next(corpus.Count)]); break;
            default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(Random.Next(16), bytes.Count - at))); break;
        }
    }

    private void Splice(List<byte> bytes, int at, byte[] other)
    {
        var from = Random.Next(other.Length + 1);
        bytes.InsertRange(at, other[from..Math.Min(other.Length, from + Random.Next(32))]);
    }
}
