using System.Collections;

namespace Millpond.Local;

/// <summary>
/// Estimates how many bytes of memory an object keeps alive, for the local tier's byte budget: exact for strings, arrays of primitives
/// and objects without references, a bounded walk for the rest. Not for concurrent use.
/// </summary>
/// <remarks>
/// The walk sees at most <see cref="ObjectsMax"/> objects, each once, at most <see cref="DepthMax"/> deep, and scales up what it does not see: a
/// long array by a sample of its elements, a tree or chain of System.Collections by its count. What else goes beyond the limits (an object
/// model of one's own with thousands of nodes) is counted too low; such a keyspace should state its sizes itself. A walk reads fields
/// and runs no code of the application.
/// </remarks>
internal sealed class SizeEstimate
{
    /// <summary>A value of a usual shape has a few dozen objects. This many took 14 µs when measured, once for each load.</summary>
    public const int ObjectsMax = 256;

    /// <summary>Keeps the walk within a few kilobytes of stack. A balanced tree of 2^30 elements is less deep.</summary>
    public const int DepthMax = 48;

    /// <summary>Elements of an array that are looked at; a quarter of all, so that the arrays inside the elements get their turn.</summary>
    public const int SampleMax = 64;

    [ThreadStatic]
    private static SizeEstimate? _spare;

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private bool _cutShort;
    private int _nodes;

    private bool IsSpent => _seen.Count >= ObjectsMax;

    /// <summary>The bytes of an object and of all that it alone is thought to keep alive; 0 for null.</summary>
    public static long Of(object? value)
    {
        if (value is null or string)
        {
            return value is string text ? OfString(text) : 0;
        }

        var walk = _spare ?? new SizeEstimate();
        _spare = null;
        var bytes = walk.Reach(value, 0);
        walk.Clear();
        _spare = walk;
        return bytes;
    }

    public static long OfString(string text) => ObjectLayout.RoundUp(ObjectLayout.StringHeaderBytes + (2L * text.Length));

    public static long OfArray(long length, int elementBytes, int rank = 1) =>
        ObjectLayout.RoundUp(ObjectLayout.ArrayHeaderBytes + (rank > 1 ? 8L * rank : 0) + (length * elementBytes));

    private void Clear()
    {
        _seen.Clear();
        _cutShort = false;
        _nodes = 0;
    }

    private long Reach(object? value, int depth)
    {
        if (value is null)
        {
            return 0;
        }

        var layout = ObjectLayout.Of(value.GetType());
        if (layout.IsShared || _seen.Contains(value))
        {
            return 0;
        }

        if (IsSpent || depth > DepthMax)
        {
            _cutShort = true;
            return Shallow(value, layout);
        }

        _seen.Add(value);
        _nodes += layout.IsNode && IsOfThePlatform(value) ? 1 : 0;
        return Shallow(value, layout) + value switch
        {
            Array array => layout.ElementsHaveReferences ? Elements(array, depth) : 0,
            ICollection collection when IsOfThePlatform(collection) => Collection(collection, layout, depth),
            _ => Referents(value, layout, depth),
        };
    }

    /// <summary>An empty array is nearly always the one that everybody shares.</summary>
    private static long Shallow(object value, ObjectLayout layout) => value switch
    {
        string text => OfString(text),
        Array { LongLength: 0 } => 0,
        Array array => OfArray(array.LongLength, layout.ElementBytes, array.Rank),
        _ => layout.Bytes,
    };

    private long Referents(object value, ObjectLayout layout, int depth)
    {
        var bytes = 0L;
        if (layout.HasOwnReferences)
        {
            foreach (var read in layout.References)
            {
                bytes += Reach(read(value), depth + 1);
            }
        }

        return bytes;
    }

    /// <summary>
    /// Where the limits cut a tree or a chain short, what was seen of it stands for the rest. Counts of other collections are not asked for:
    /// they could be anything, a query included.
    /// </summary>
    private long Collection(ICollection collection, ObjectLayout layout, int depth)
    {
        var (cutBefore, nodesBefore) = (_cutShort, _nodes);
        _cutShort = false;
        var bytes = Referents(collection, layout, depth);
        var nodes = _nodes - nodesBefore;
        if (_cutShort && nodes > 0 && collection.Count > nodes)
        {
            bytes = (long)((double)bytes / nodes * collection.Count);
            _cutShort = false;
        }

        _cutShort |= cutBefore;
        return bytes;
    }

    private static bool IsOfThePlatform(object value) =>
        value.GetType().Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) is true;

    /// <summary>
    /// All elements of a short array; of a long one an even sample. The first of the sample counts only for itself, because it brings
    /// with it what all elements share, and that must not be multiplied.
    /// </summary>
    private long Elements(Array array, int depth)
    {
        var length = array.LongLength;
        if (length == 0 || array.Rank > 1 || array.GetLowerBound(0) != 0)
        {
            return 0;
        }

        var samples = Math.Min(length, SampleMax);
        var stride = Stride(length);
        var cutBefore = _cutShort;
        var first = Element(array, 0, depth);
        var (others, taken) = (0L, 0);
        for (var i = 1L; i < samples; i++)
        {
            var bytes = Element(array, i * stride % length, depth);
            if (IsSpent && taken > 0)
            {
                break; // The element in which the walk ended was seen in part only.
            }

            others += bytes;
            taken++;
        }

        if (taken == 0)
        {
            return first;
        }

        // What is scaled up here must not be scaled up again by the collection that the array belongs to.
        _cutShort = cutBefore;
        return first + (long)((double)others / taken * (length - 1));
    }

    /// <summary>
    /// A step that reaches every index once before it repeats, near the golden section, so that the sample is spread evenly wherever
    /// it ends: the entries of a dictionary are full in front and empty behind.
    /// </summary>
    private static long Stride(long length)
    {
        const double GoldenSection = 0.6180339887498949;
        var stride = Math.Max(1, (long)(length * GoldenSection));
        while (!AreCoprime(stride, length))
        {
            stride++;
        }

        return stride;
    }

    private static bool AreCoprime(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a == 1;
    }

    private long Element(Array array, long index, int depth)
    {
        var element = array is object?[] objects ? objects[index] : array.GetValue(index);
        if (element is null || array is object?[])
        {
            return Reach(element, depth + 1);
        }

        // A struct, boxed to be looked at: its own bytes are the array's, and its box is not part of anything.
        return Referents(element, ObjectLayout.Of(element.GetType()), depth + 1);
    }
}
