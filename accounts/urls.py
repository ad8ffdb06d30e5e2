"""Doors and personal pages."""

from django.urls import path

from accounts.views import help, organizations, own, second_factor, sign_in

urlpatterns = [
    path("i18n/setlang/", own.set_language, name="set_language"),
    path("sign-in/", sign_in.SignInView.as_view(), name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("password/", sign_in.password_change, name="password_change"),
    path("password/reset/", sign_in.PasswordResetView.as_view(), name="password_reset"),
    path("password/reset/sent/", sign_in.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "password/reset/<uidb64>/<token>/",
        sign_in.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("password/reset/done/", sign_in.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/setup/", second_factor.second_factor_setup, name="second_factor_setup"),
    path("second-factor/settings/", second_factor.second_factor_settings, name="second_factor_settings"),
    path("second-factor/recovery-codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("second-factor/remove/", second_factor.second_factor_remove, name="second_factor_remove"),
    path("sessions/", own.sessions, name="sessions"),
    path("sessions/<int:pk>/end/", own.end_session, name="end_session"),
    path("sessions/end-others/", own.end_other_sessions, name="end_other_sessions"),
    path("organizations/", own.choose_organization, name="choose_organization"),
    path("organizations/new/", organizations.create_organization, name="create_organization"),
    path("organizations/switch/", own.switch_organization, name="switch_organization"),
    path("sessions/extend/", own.extend_session, name="extend_session"),
    path("help/", help.help_page, name="help"),
    path("profile/", own.profile, name="profile"),
    path("preferences/", own.preferences, name="preferences"),
]
