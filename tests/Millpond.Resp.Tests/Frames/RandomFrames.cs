using System.Globalization;
using System.Text;

namespace Millpond.Resp.Tests.Frames;

/// <summary>Frames of every type and shape, drawn from a seed, with the tree that a reader must find in them.</summary>
internal sealed class RandomFrames(int seed)
{
    private readonly Random _random = new(seed);

    public (byte[] Frame, string Tree) Next(int depth = 4)
    {
        var (bytes, tree) = (new MemoryStream(), new StringBuilder());
        Element(bytes, tree, depth, isTop: true);
        return (bytes.ToArray(), tree.ToString());
    }

    private void Element(MemoryStream bytes, StringBuilder tree, int depth, bool isTop)
    {
        if (_random.Next(12) == 0)
        {
            Attribute(bytes, depth);
        }

        switch (_random.Next(depth > 0 ? 14 : 10))
        {
            case 0: Line(bytes, tree, '+', Word()); break;
            case 1: Line(bytes, tree, '-', "ERR " + Word()); break;
            case 2: Line(bytes, tree, ':', _random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture)); break;
            case 3: Line(bytes, tree, ',', _random.NextDouble().ToString("R", CultureInfo.InvariantCulture)); break;
            case 4: Line(bytes, tree, '#', _random.Next(2) == 0 ? "t" : "f"); break;
            case 5: Line(bytes, tree, '(', "3492890328409238509324850943850943825024385"); break;
            case 6: Null(bytes, tree); break;
            case 7: Blob(bytes, tree, '!', "ERR " + Word()); break;
            case 8 or 9: Blob(bytes, tree, '$', Value()); break;
            case 10: Aggregate(bytes, tree, '*', 1, depth); break;
            case 11: Aggregate(bytes, tree, '%', 2, depth); break;
            case 12: Aggregate(bytes, tree, '~', 1, depth); break;
            default: Aggregate(bytes, tree, isTop ? '>' : '*', 1, depth); break;
        }
    }

    private static void Line(MemoryStream bytes, StringBuilder tree, char type, string text)
    {
        Write(bytes, $"{type}{text}\r\n");
        tree.Append(type).Append('[').Append(text).Append(']');
    }

    private static void Blob(MemoryStream bytes, StringBuilder tree, char type, string text)
    {
        Write(bytes, $"{type}{text.Length}\r\n{text}\r\n");
        tree.Append(type).Append('[').Append(text).Append(']');
    }

    private void Null(MemoryStream bytes, StringBuilder tree)
    {
        var type = "_$*"[_random.Next(3)];
        Write(bytes, type == '_' ? "_\r\n" : $"{type}-1\r\n");
        tree.Append(type).Append("null");
    }

    private void Aggregate(MemoryStream bytes, StringBuilder tree, char type, int each, int depth)
    {
        var count = _random.Next(5);
        Write(bytes, $"{type}{count}\r\n");
        tree.Append(type).Append(count * each).Append('(');
        for (var i = 0; i < count * each; i++)
        {
            Element(bytes, tree, depth - 1, isTop: false);
        }

        tree.Append(')');
    }

    private void Attribute(MemoryStream bytes, int depth)
    {
        var pairs = _random.Next(3);
        Write(bytes, $"|{pairs}\r\n");
        for (var i = 0; i < pairs * 2; i++)
        {
            Element(bytes, new StringBuilder(), Math.Min(depth, 1) - 1, isTop: false);
        }
    }

    private string Word() => new([.. Enumerable.Range(0, _random.Next(12)).Select(_ => (char)_random.Next(' ', '~'))]);

    // Bytes that look like frames, and line ends, within values.
    private string Value() => string.Concat(Enumerable.Range(0, _random.Next(6)).Select(_ => new[] { "\r\n", "$5\r\n", "*2\r\n", "x", ">", "\n", Word() }[_random.Next(7)]));

    private static void Write(MemoryStream bytes, string text) => bytes.Write(Encoding.Latin1.GetBytes(text));
}
