export interface FieldProblem {
  field: string;
  message: string;
}

interface ProblemDocument {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  trace_id?: string;
  retryable?: boolean;
  errors?: FieldProblem[];
  context?: Record<string, unknown>;
}

/** An error as the API tells it (RFC 9457): what happened, what to do, and the trace id. */
export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly traceId: string | undefined;
  readonly retryable: boolean;
  readonly errors: FieldProblem[];
  readonly context: Record<string, unknown>;

  constructor(document: ProblemDocument) {
    super(document.detail ?? document.title ?? 'Something went wrong.');
    this.name = 'Problem';
    this.title = document.title ?? 'Something went wrong';
    this.status = document.status ?? 0;
    this.code = document.code ?? 'unknown';
    this.traceId = document.trace_id;
    this.retryable = document.retryable ?? false;
    this.errors = document.errors ?? [];
    this.context = document.context ?? {};
  }

  static async from(response: Response): Promise<Problem> {
    try {
      return new Problem((await response.json()) as ProblemDocument);
    } catch {
      return new Problem({ status: response.status, title: response.statusText || 'Error' });
    }
  }

  static unreachable(): Problem {
    return new Problem({
      title: 'Muniment does not answer',
      detail: 'The server cannot be reached. This page tries again by itself.',
      code: 'unreachable',
      retryable: true,
    });
  }
}
