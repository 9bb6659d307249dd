using System.Text;
using Millpond.Resp.Frames;

namespace Millpond.Resp.Tests.Frames;

/// <summary>What scanner and reader make of bytes, as text to compare.</summary>
internal static class Trees
{
    public static string Read(ReadOnlySpan<byte> frame)
    {
        var reader = new RespReader(frame);
        reader.ReadNext();
        var tree = new StringBuilder();
        Append(ref reader, tree);
        Assert.True(reader.IsAtEnd);
        return tree.ToString();
    }

    /// <summary>The frames in bytes that arrive in pieces, each ending at one of <paramref name="cuts"/>.</summary>
    public static List<byte[]> Scan(byte[] bytes, IEnumerable<int> cuts, RespLimits? limits = null)
    {
        var (frames, scanner, begin) = (new List<byte[]>(), default(FrameScanner), 0);
        foreach (var cut in cuts.Append(bytes.Length).Distinct().Order())
        {
            while (scanner.TryFinish(bytes.AsSpan(begin, Math.Max(0, cut - begin)), limits ?? RespLimits.Default, out var length))
            {
                frames.Add(bytes[begin..(begin + length)]);
                begin += length;
            }
        }

        return frames;
    }

    private static void Append(ref RespReader reader, StringBuilder tree)
    {
        tree.Append((char)reader.Type);
        if (reader.IsNull)
        {
            tree.Append("null");
        }
        else if (!reader.IsAggregate)
        {
            tree.Append('[').Append(Encoding.Latin1.GetString(reader.Bytes)).Append(']');
        }
        else
        {
            var count = reader.Count;
            tree.Append(count).Append('(');
            for (var i = 0; i < count; i++)
            {
                reader.ReadNext();
                Append(ref reader, tree);
            }

            tree.Append(')');
        }
    }
}
