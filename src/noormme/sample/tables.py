"""The sample's tables as SQL.

Invariant: the statements run in the order written, on SQLite 3.31 or later, and every rule of the
studio that SQL can hold is declared here rather than kept in ``rows``.
"""

from __future__ import annotations

__all__ = ["INDEXES", "TABLES"]

TABLES = """
CREATE TABLE users (
    id             INTEGER PRIMARY KEY,
    email          VARCHAR(254) NOT NULL COLLATE NOCASE UNIQUE CHECK (email LIKE '_%@_%._%'),
    first_name     VARCHAR(80)  NOT NULL,
    last_name      VARCHAR(80)  NOT NULL,
    full_name      VARCHAR(161) GENERATED ALWAYS AS (first_name || ' ' || last_name) VIRTUAL,
    password_hash  VARCHAR(128) NOT NULL,
    is_active      BOOLEAN      NOT NULL DEFAULT TRUE CHECK (is_active IN (FALSE, TRUE)),
    created_at     DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_login_at  DATETIME,
    CONSTRAINT users_login_after_creation CHECK (last_login_at >= created_at)
);

CREATE TABLE profiles (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    job_title  VARCHAR(80) NOT NULL,
    phone      VARCHAR(24),
    time_zone  VARCHAR(40) NOT NULL DEFAULT 'UTC',
    birth_date DATE CHECK (birth_date IS date(birth_date)),
    bio        TEXT NOT NULL DEFAULT '',
    settings   JSON NOT NULL DEFAULT '{}' CHECK (json_valid(settings))
);

CREATE TABLE user_roles (
    user_id    INTEGER     NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       VARCHAR(20) NOT NULL
               CHECK (role IN ('admin', 'producer', 'editor', 'reviewer', 'accountant', 'client')),
    granted_at DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (user_id, role)
) WITHOUT ROWID;

CREATE TABLE project_types (
    id          INTEGER PRIMARY KEY,
    code        VARCHAR(20)    NOT NULL UNIQUE CHECK (code = lower(code)),
    name        VARCHAR(80)    NOT NULL UNIQUE,
    base_price  DECIMAL(10, 2) NOT NULL CHECK (base_price > 0),
    description TEXT           NOT NULL DEFAULT ''
);

CREATE TABLE editors (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER       NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    speciality   VARCHAR(40)   NOT NULL,
    hourly_rate  DECIMAL(8, 2) NOT NULL CHECK (hourly_rate BETWEEN 10 AND 500),
    hired_on     DATE          NOT NULL CHECK (hired_on IS date(hired_on)),
    is_available BOOLEAN       NOT NULL DEFAULT TRUE CHECK (is_available IN (FALSE, TRUE))
);

CREATE TABLE clients (
    id                 INTEGER PRIMARY KEY,
    name               VARCHAR(120) NOT NULL UNIQUE,
    industry           VARCHAR(40)  NOT NULL,
    country            CHAR(2)      NOT NULL CHECK (country = upper(country) AND length(country) = 2),
    billing_email      VARCHAR(254) NOT NULL COLLATE NOCASE CHECK (billing_email LIKE '_%@_%._%'),
    account_manager_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    is_active          BOOLEAN  NOT NULL DEFAULT TRUE CHECK (is_active IN (FALSE, TRUE)),
    created_at         DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE projects (
    id              INTEGER PRIMARY KEY,
    slug            VARCHAR(140) NOT NULL UNIQUE,
    title           VARCHAR(120) NOT NULL CHECK (title <> ''),
    project_type_id INTEGER NOT NULL REFERENCES project_types (id) ON DELETE RESTRICT,
    creator_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    editor_id       INTEGER REFERENCES editors (id) ON DELETE SET NULL,
    parent_id       INTEGER REFERENCES projects (id) ON DELETE SET NULL,
    status          VARCHAR(20) NOT NULL DEFAULT 'draft'
                    CHECK (status IN ('draft', 'active', 'review', 'delivered', 'archived')),
    budget          DECIMAL(12, 2) NOT NULL CHECK (budget >= 0),
    deadline        DATE CHECK (deadline IS date(deadline)),
    settings        JSON NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    created_at      DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    delivered_at    DATETIME,
    CONSTRAINT projects_not_its_own_parent CHECK (parent_id <> id),
    CONSTRAINT projects_delivered CHECK ((delivered_at IS NOT NULL) = (status IN ('delivered', 'archived')))
);

CREATE TABLE project_clients (
    project_id INTEGER  NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    client_id  INTEGER  NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    is_payer   BOOLEAN  NOT NULL DEFAULT FALSE CHECK (is_payer IN (FALSE, TRUE)),
    added_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (project_id, client_id)
) WITHOUT ROWID;

CREATE TABLE video_versions (
    id             INTEGER PRIMARY KEY,
    project_id     INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    editor_id      INTEGER REFERENCES editors (id) ON DELETE SET NULL,
    version_number INTEGER NOT NULL CHECK (version_number > 0),
    file_name      VARCHAR(200) NOT NULL,
    resolution     VARCHAR(12)  NOT NULL CHECK (resolution IN ('720p', '1080p', '1440p', '2160p')),
    duration_s     REAL         NOT NULL CHECK (duration_s > 0),
    size_bytes     BIGINT       NOT NULL CHECK (size_bytes > 0),
    checksum       BLOB         NOT NULL CHECK (length(checksum) = 16),
    status         VARCHAR(20)  NOT NULL DEFAULT 'uploaded'
                   CHECK (status IN ('uploaded', 'in_review', 'approved', 'rejected')),
    uploaded_at    DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT video_versions_numbered UNIQUE (project_id, version_number)
);

CREATE TABLE messages (
    id           INTEGER PRIMARY KEY,
    project_id   INTEGER  NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    sender_id    INTEGER  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    recipient_id INTEGER  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    body         TEXT     NOT NULL CHECK (body <> ''),
    sent_at      DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    read_at      DATETIME,
    CONSTRAINT messages_between_two CHECK (sender_id <> recipient_id),
    CONSTRAINT messages_read_after_sent CHECK (read_at >= sent_at)
);

CREATE TABLE payments (
    id             INTEGER PRIMARY KEY,
    project_id     INTEGER        NOT NULL REFERENCES projects (id) ON DELETE RESTRICT,
    client_id      INTEGER        NOT NULL REFERENCES clients (id) ON DELETE RESTRICT,
    invoice_number VARCHAR(20)    NOT NULL UNIQUE,
    amount         DECIMAL(10, 2) NOT NULL CHECK (amount > 0),
    tax            DECIMAL(10, 2) NOT NULL DEFAULT 0 CHECK (tax >= 0),
    total          DECIMAL(10, 2) GENERATED ALWAYS AS (round(amount + tax, 2)) STORED,
    currency       CHAR(3)        NOT NULL DEFAULT 'EUR' CHECK (currency IN ('EUR', 'USD', 'GBP')),
    method         VARCHAR(20)    NOT NULL CHECK (method IN ('card', 'bank_transfer', 'paypal')),
    status         VARCHAR(20)    NOT NULL DEFAULT 'open'
                   CHECK (status IN ('open', 'paid', 'overdue', 'refunded')),
    issued_on      DATE           NOT NULL CHECK (issued_on IS date(issued_on)),
    due_on         DATE           NOT NULL CHECK (due_on IS date(due_on)),
    paid_at        DATETIME,
    CONSTRAINT payments_due_after_issue CHECK (due_on >= issued_on),
    CONSTRAINT payments_paid CHECK ((paid_at IS NOT NULL) = (status IN ('paid', 'refunded')))
);

CREATE TABLE database_config (
    key         VARCHAR(60) NOT NULL PRIMARY KEY,
    value       JSON        NOT NULL CHECK (json_valid(value)),
    description TEXT        NOT NULL DEFAULT '',
    updated_by  INTEGER REFERENCES users (id) ON DELETE SET NULL,
    updated_at  DATETIME    NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID;

CREATE TABLE password_reset_tokens (
    token      UUID     NOT NULL PRIMARY KEY CHECK (length(token) = 36),
    user_id    INTEGER  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    expires_at DATETIME NOT NULL,
    used_at    DATETIME,
    CONSTRAINT password_reset_tokens_expiry CHECK (expires_at > created_at),
    CONSTRAINT password_reset_tokens_use CHECK (used_at BETWEEN created_at AND expires_at)
);
"""
"""The CREATE TABLE statements, parents before children."""

INDEXES = """
CREATE INDEX users_by_name ON users (last_name COLLATE NOCASE, first_name COLLATE NOCASE);
CREATE INDEX users_newest ON users (created_at DESC) WHERE is_active;
CREATE INDEX user_roles_by_role ON user_roles (role);
CREATE INDEX clients_by_account_manager ON clients (account_manager_id);
CREATE INDEX projects_by_type ON projects (project_type_id);
CREATE INDEX projects_by_creator ON projects (creator_id, created_at DESC);
CREATE INDEX projects_by_editor ON projects (editor_id) WHERE editor_id IS NOT NULL;
CREATE INDEX projects_by_parent ON projects (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX projects_running ON projects (status, deadline) WHERE delivered_at IS NULL;
CREATE INDEX project_clients_by_client ON project_clients (client_id);
CREATE UNIQUE INDEX project_clients_one_payer ON project_clients (project_id) WHERE is_payer;
CREATE INDEX video_versions_by_editor ON video_versions (editor_id) WHERE editor_id IS NOT NULL;
CREATE INDEX video_versions_newest ON video_versions (uploaded_at DESC);
CREATE INDEX messages_by_project ON messages (project_id, sent_at DESC);
CREATE INDEX messages_by_sender ON messages (sender_id, sent_at DESC);
CREATE INDEX messages_by_recipient ON messages (recipient_id, sent_at DESC);
CREATE INDEX messages_unread ON messages (recipient_id) WHERE read_at IS NULL;
CREATE INDEX payments_by_project ON payments (project_id);
CREATE INDEX payments_by_client ON payments (client_id, issued_on DESC);
CREATE INDEX payments_unpaid ON payments (due_on) WHERE paid_at IS NULL;
CREATE INDEX database_config_by_editor ON database_config (updated_by) WHERE updated_by IS NOT NULL;
CREATE INDEX password_reset_tokens_by_user ON password_reset_tokens (user_id);
CREATE INDEX password_reset_tokens_unused ON password_reset_tokens (expires_at) WHERE used_at IS NULL;
"""
"""The CREATE INDEX statements, run after the rows are in: every foreign key has one."""
