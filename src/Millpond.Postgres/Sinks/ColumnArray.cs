using System.Collections.Frozen;

namespace Millpond.Postgres.Sinks;

/// <summary>
/// One column of many rows as an array of the type that its cells have. Types that PostgreSQL would not take apart into the same cells again, such as arrays themselves, have none, and neither have columns of several types.
/// </summary>
internal static class ColumnArray
{
    private static readonly FrozenDictionary<Type, Func<object?[], Array?>> Makers = new Dictionary<Type, Func<object?[], Array?>>
    {
        [typeof(string)] = References<string>,
        [typeof(byte[])] = References<byte[]>,
        [typeof(bool)] = Values<bool>,
        [typeof(short)] = Values<short>,
        [typeof(int)] = Values<int>,
        [typeof(long)] = Values<long>,
        [typeof(float)] = Values<float>,
        [typeof(double)] = Values<double>,
        [typeof(decimal)] = Values<decimal>,
        [typeof(Guid)] = Values<Guid>,
        [typeof(DateOnly)] = Values<DateOnly>,
        [typeof(TimeOnly)] = Values<TimeOnly>,
        [typeof(TimeSpan)] = Values<TimeSpan>,
        [typeof(DateTimeOffset)] = Values<DateTimeOffset>,

        // What is sent for one depends on its kind.
        [typeof(DateTime)] = cells => cells.OfType<DateTime>().Select(cell => cell.Kind == DateTimeKind.Utc).Distinct().Count() > 1 ? null : Values<DateTime>(cells),
    }.ToFrozenDictionary();

    /// <summary>The array; null where the rows must be sent one by one. The first cell that is not null decides on its type.</summary>
    public static Array? Of(object?[] cells) => Makers.TryGetValue(cells.First(cell => cell is not null)!.GetType(), out var make) ? make(cells) : null;

    private static T?[]? References<T>(object?[] cells)
        where T : class
    {
        var array = new T?[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            array[i] = cells[i] as T;
            if (array[i] is null && cells[i] is not null)
            {
                return null;
            }
        }

        return array;
    }

    private static T?[]? Values<T>(object?[] cells)
        where T : struct
    {
        var array = new T?[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            array[i] = cells[i] is T value ? value : null;
            if (array[i] is null && cells[i] is not null)
            {
                return null;
            }
        }

        return array;
    }
}
