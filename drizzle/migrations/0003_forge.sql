CREATE TABLE "forge_deliveries" (
	"key" text PRIMARY KEY NOT NULL,
	"project_id" uuid NOT NULL,
	"event" text NOT NULL,
	"pipeline" bigint,
	"branch" text,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"handled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "forge_leftovers" (
	"remote_id" bigint PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "forge_projects" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"remote_id" bigint NOT NULL,
	"path" text NOT NULL,
	"web_url" text NOT NULL,
	"clone_url" text NOT NULL,
	"branch" text NOT NULL,
	"head" text,
	"title" text NOT NULL,
	"merge_request" jsonb,
	"images" text,
	"hook" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "pipeline" bigint;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "branch" text;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "image" text;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "again" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "web_url" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "version_route" text DEFAULT 'direct' NOT NULL;--> statement-breakpoint
ALTER TABLE "forge_deliveries" ADD CONSTRAINT "forge_deliveries_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "forge_projects" ADD CONSTRAINT "forge_projects_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "forge_deliveries_open" ON "forge_deliveries" USING btree ("received_at") WHERE "forge_deliveries"."handled_at" is null;--> statement-breakpoint
CREATE INDEX "forge_deliveries_received" ON "forge_deliveries" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "builds_pipeline" ON "builds" USING btree ("project_id","pipeline");